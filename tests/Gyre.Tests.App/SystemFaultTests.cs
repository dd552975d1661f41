using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>What a system lacks is one sentence and the right exit code.</summary>
public class SystemFaultTests
{
    private static readonly string[] Small =
    [
        "run",
        "quick",
        "--set",
        "threads=1",
        "--set",
        "training.steps=5",
        "--set",
        "data.samples=50",
        "--set",
        "model.widths=[4]",
        "--out",
    ];

    [Fact]
    public void A_full_standard_output_stops_no_training_and_is_told_at_the_end()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        using var folder = new TemporaryFolder();
        var (code, _, error) = Shell("exec \"$@\" >/dev/full", [.. Small, folder.Path]);
        Assert.Equal(2, code);
        Assert.Contains("Standard output cannot be written", error, StringComparison.Ordinal);
        Assert.DoesNotContain("This is a bug", error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.Path, "summary.json", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("exec \"$@\" 2>/dev/full", 2)]
    [InlineData("exec \"$@\" >/dev/full 2>/dev/full", 2)]
    public void A_full_standard_error_leaves_the_exit_code(string script, int expected)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        Assert.Equal(expected, Shell(script, ["run", "no-such-preset"]).ExitCode);
    }

    [Fact]
    public void A_reader_that_has_gone_is_no_failure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a shell with pipes");
        var (code, output, error) = Shell("set -o pipefail; \"$@\" | head -n 1", ["spec", "quick"]);
        Assert.Equal((0, "format = 1\n", ""), (code, output, error));
    }

    [Theory]
    [InlineData("ulimit -n 128", "The limit of open files is too low: 128")]
    [InlineData("ulimit -n 34", "The limit of open files is too low: 34")]
    [InlineData(
        "ulimit -n 256; for i in $(seq 180); do exec {fd}</dev/null; done",
        "The limit of open files is too low: 256, of which "
    )]
    public void Too_few_descriptors_are_told_before_anything_is_done(string limit, string words)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are those of Linux");
        var (code, output, error) = Shell($"{limit}; exec \"$@\"", ["spec", "quick"]);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(words, error, StringComparison.Ordinal);
        Assert.Contains("Set it with ulimit -n ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_processes_are_told_before_anything_is_done()
    {
        const string AsNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups";
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.UserName == "root",
            "needs the right to become a user with a limit"
        );
        var (code, output, error) = Shell(
            $"exec {AsNobody} bash -c 'ulimit -u 30; exec \"$@\"' bash \"$@\"",
            ["spec", "quick"]
        );
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(
            "The limit of processes and threads is too low: 30, of which ",
            error,
            StringComparison.Ordinal
        );
        Assert.Contains("Set it with ulimit -u ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_goes_through_links_and_into_devices_and_replaces_neither()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["real.json"], "old");
        File.CreateSymbolicLink(folder["link.json"], "real.json");
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, "ls", "--json", "link.json").ExitCode);
        Assert.StartsWith("[", File.ReadAllText(folder["real.json"]), StringComparison.Ordinal);
        Assert.Equal("real.json", new FileInfo(folder["link.json"]).LinkTarget);

        File.CreateSymbolicLink(folder["full.json"], "/dev/full");
        var (code, _, error) = GyreProcess.RunIn(folder.Path, "ls", "--json", "full.json");
        Assert.Equal(2, code);
        Assert.Contains("full.json cannot be written: No space left", error, StringComparison.Ordinal);
        Assert.Equal("/dev/full", new FileInfo(folder["full.json"]).LinkTarget);
        Assert.NotNull(Gyre.Torch.FileKind.Special("/dev/full"));

        Directory.CreateDirectory(folder["folder"]);
        (code, _, error) = GyreProcess.RunIn(folder.Path, "run", "quick", "--json", "folder");
        Assert.Equal(2, code);
        Assert.Contains("--json folder is a folder", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["runs"]));
    }

    [Fact]
    public void A_word_of_any_length_makes_a_message_of_a_few_lines()
    {
        var (code, _, error) = GyreProcess.Run("report", new string('x', 50_000));
        Assert.Equal(2, code);
        Assert.InRange(error.Length, 100, 3000);
    }

    private static (int ExitCode, string Output, string Error) Shell(string script, string[] arguments)
    {
        using var process = GyreProcess.StartUnder(
            ["bash", "-c", script, "bash"],
            new Dictionary<string, string>(),
            arguments
        );
        return process.End();
    }
}
