using System.Diagnostics;
using Gyre.Tests.TestKit;
using Parquet.Serialization;

namespace Gyre.Tests.App;

/// <summary>No file of a user's makes a command wait for ever, fill the memory or end without a sentence.</summary>
public sealed class ReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// A byte of its footer was changed by a campaign of such changes; the reader of Parquet never comes back from it.
    /// </summary>
    [Fact]
    public void A_Parquet_file_whose_reader_loops_is_refused_by_its_name()
    {
        var file = Path.Combine(Source.Root, "tests", "Gyre.Tests.App", "Inputs", "footer-loops.parquet");
        var (exitCode, _, error) = GyreProcess.Run(
            "data",
            "check",
            "table",
            "--path",
            file,
            "--set",
            "data.target=price"
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("footer-loops.parquet cannot be read as Parquet", error, StringComparison.Ordinal);
        Assert.Contains("did not finish within 20 seconds", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_is_read_in_a_process_of_its_own()
    {
        var stop = TestContext.Current.CancellationToken;
        Row[] rows =
        [
            .. Enumerable.Range(0, 20).Select(i => new Row { A = i * i, Kind = i % 2 == 0 ? "a, \"b\"" : "ü" }),
        ];
        await using (var file = File.Create(_folder["t.pq"]))
            await ParquetSerializer.SerializeAsync(rows, file, cancellationToken: stop);
        string[] check =
        [
            "data",
            "check",
            "table",
            "--path",
            "t.pq",
            "--set",
            "data.target=Kind",
            "--set",
            "data.holdout=0",
        ];
        var (exitCode, output, error) = GyreProcess.RunIn(_folder.Path, check);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("20 samples of [1]: a, \"b\" 10, ü 10", output, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(
            _folder["t.pq"],
            (await File.ReadAllBytesAsync(_folder["t.pq"], stop))[..^20],
            stop
        );
        var cut = GyreProcess.RunIn(_folder.Path, check);
        Assert.Equal(2, cut.ExitCode);
        Assert.Contains("t.pq cannot be read as Parquet", cut.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data check table --path pipe --set data.target=y", "is a named pipe")]
    [InlineData("data check text --path pipe", "is a named pipe")]
    [InlineData("data show table --path /dev/zero --set data.target=y", "is a device")]
    [InlineData("data show text --path /dev/zero", "is a device")]
    [InlineData(
        "run quick --set data.name=text --set data.path=pipe --set model.name=sequence-transformer --out o",
        "is a named pipe"
    )]
    [InlineData("run pipe --out o", "is a named pipe")]
    [InlineData("spec /dev/zero", "is a device")]
    [InlineData("sweep /dev/zero --dry-run", "is a device")]
    public void What_is_no_regular_file_is_refused_at_once(string arguments, string said)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes and devices with paths");
        using (var made = Process.Start("mkfifo", _folder["pipe"]))
            made.WaitForExit();
        var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, arguments.Split(' '));
        Assert.Equal(2, exitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Equal(["pipe"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private sealed class Row
    {
        public int A { get; set; }

        public string Kind { get; set; } = "";
    }
}
