using System.Diagnostics;
using System.Text;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// Files of data as users have them: what is remarked on is said where a run starts, and what never ends is refused.
/// </summary>
public sealed class DataInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Channels_that_look_last_are_told_by_check_show_and_run_and_kept_in_the_history()
    {
        Arrays("data", "(20, 6, 6, 3)", 20 * 108);
        string[] run =
        [
            "run",
            "quick",
            "--set",
            "threads=1",
            "--set",
            "data.name=arrays",
            "--set",
            $"data.path={_folder["data"]}",
            "--set",
            "data.samples=0",
            "--set",
            "model.widths=[4]",
            "--set",
            "training.steps=2",
            "--out",
            "runs",
        ];
        foreach (
            var words in new[]
            {
                ["data", "check", "arrays", "--path", "data"],
                ["data", "show", "arrays", "--path", "data"],
                run,
            }
        )
        {
            var (exitCode, output, error) = GyreProcess.RunIn(_folder.Path, words);
            Assert.True(exitCode == 0, error);
            Assert.Contains("read with channels first as 6 channels of 6 by 3", output, StringComparison.Ordinal);
        }
        var history = File.ReadAllLines(
            Path.Combine(Assert.Single(Directory.GetDirectories(_folder["runs"])), "sessions.jsonl")
        );
        Assert.Contains(
            "\"kind\":\"data\"",
            history[0].Replace(" ", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );

        Arrays("data", "(20, 3, 6, 6)", 20 * 108);
        var first = GyreProcess.RunIn(_folder.Path, "data", "check", "arrays", "--path", "data");
        Assert.DoesNotContain("channels first", first.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arrays", "train_x.npy", "train_y.npy")]
    [InlineData("idx", "train-images-idx3-ubyte", "train-labels-idx1-ubyte")]
    [InlineData("cifar-10", "data_batch_1.bin")]
    [InlineData("cifar-100", "train.bin")]
    [InlineData("images", "a/1.png", "b/2.png")]
    public void A_pipe_in_place_of_a_file_is_refused_at_once(string set, params string[] files)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "named pipes of Unix");
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[$"data/{file}"])!);
            Process.Start("mkfifo", [_folder[$"data/{file}"]]).WaitForExit();
        }
        var cache = new Dictionary<string, string> { ["GYRE_DATA"] = _folder["cache"] };
        var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, cache, "data", "check", set, "--path", "data");
        Assert.Equal(2, exitCode);
        Assert.Contains("is a named pipe", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero", "is a device")]
    [InlineData("nothing.npz", "does not exist")]
    public void An_archive_that_is_no_file_is_refused(string path, string said)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices of Linux");
        var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, "data", "check", "arrays", "--path", path);
        Assert.Equal(2, exitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    /// <summary>An inspection reads no test set, and needs none.</summary>
    [Fact]
    public void An_inspection_of_IDX_files_needs_no_test_files()
    {
        Directory.CreateDirectory(_folder["data"]);
        File.WriteAllBytes(
            _folder["data/train-images-idx3-ubyte"],
            [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2, .. Enumerable.Range(0, 16).Select(i => (byte)(i * i))]
        );
        File.WriteAllBytes(_folder["data/train-labels-idx1-ubyte"], [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 3]);
        var (exitCode, output, error) = GyreProcess.RunIn(
            _folder.Path,
            "inspect",
            "quick",
            "--data",
            "idx",
            "--data-path",
            "data",
            "--samples",
            "0",
            "--set",
            "threads=1",
            "--set",
            "model.widths=[3]",
            "--probes",
            "0",
            "--no-layers",
            "--pairs",
            "1"
        );
        Assert.True(exitCode == 0, error);
        Assert.Contains("note: no test set", output, StringComparison.Ordinal);
    }

    private void Arrays(string folder, string shape, int numbers)
    {
        Directory.CreateDirectory(_folder[folder]);
        File.WriteAllBytes(
            _folder[$"{folder}/train_x.npy"],
            Npy(shape, [.. Enumerable.Range(0, numbers).Select(i => (byte)(i * i % 251))])
        );
        File.WriteAllBytes(
            _folder[$"{folder}/train_y.npy"],
            Npy("(20,)", [.. Enumerable.Range(0, 20).Select(i => (byte)(i % 2))])
        );
    }

    private static byte[] Npy(string shape, byte[] data)
    {
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n";
        return
        [
            0x93,
            .. "NUMPY"u8,
            1,
            0,
            .. BitConverter.GetBytes((ushort)header.Length),
            .. Encoding.Latin1.GetBytes(header),
            .. data,
        ];
    }
}
