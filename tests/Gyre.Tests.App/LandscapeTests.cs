using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre landscape` as its user runs it.</summary>
public class LandscapeTests
{
    [Fact]
    public void Landscape_of_a_run_is_written_beside_it_and_an_interrupted_command_resumes()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(
            0,
            GyreProcess
                .RunIn(folder.Path, "run", "diagonal", "--set", "threads=1", "--set", "training.steps=12")
                .ExitCode
        );
        var run = Directory.GetDirectories(folder["runs"]).Single();
        var files = Directory.GetFiles(run, "*", SearchOption.AllDirectories).Order().ToArray();
        string[] command =
        [
            "landscape",
            Path.Combine("runs", Path.GetFileName(run)),
            "--at",
            "7",
            "--window",
            "3",
            "--grid",
            "40",
            "--line",
            "5",
        ];
        var output = folder[Path.Combine("landscape", $"{Path.GetFileName(run)}-7")];

        Interrupt(folder.Path, command, output);
        Assert.False(File.Exists(Path.Combine(output, "landscape.json")));
        var done = File.ReadAllLines(Path.Combine(output, "points.jsonl")).Length;

        var again = GyreProcess.RunIn(folder.Path, command);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains($"{done} losses exist already; resuming", again.Error, StringComparison.Ordinal);
        Assert.Contains(
            "equal bit for bit",
            string.Join(' ', again.Output.Split(['\n', '│', ' '], StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
        AssertComplete(output);
        // a run folder is written by its run alone
        Assert.Equal(files, Directory.GetFiles(run, "*", SearchOption.AllDirectories).Order());
    }

    /// <summary>Starts a command and sends Ctrl-C once the first losses are written.</summary>
    private static void Interrupt(string folder, string[] command, string output)
    {
        using var process = GyreProcess.StartIn(folder, command);
        Assert.True(
            SpinWait.SpinUntil(
                () => File.Exists(Path.Combine(output, "points.jsonl")) || !process.Running,
                TimeSpan.FromMinutes(1)
            )
        );
        GyreProcess.Signal(process.Id, "INT");
        var (exitCode, _, error) = process.End();
        Assert.Equal(130, exitCode);
        Assert.Contains("the same command resumes.", error, StringComparison.Ordinal);
    }

    private static void AssertComplete(string output)
    {
        foreach (
            var file in new[]
            {
                "landscape.json",
                "lines.svg",
                "lines.png",
                "plane-v1-v2.svg",
                "plane-pc1-pc2.png",
                "line-v1.csv",
                "line-gradient.csv",
                "plane-v1-v2.csv",
                "plane-pc1-pc2.csv",
                "iterates.csv",
            }
        )
            Assert.True(new FileInfo(Path.Combine(output, file)).Length > 0, file);
        Assert.Equal("v1,v2,loss", File.ReadLines(Path.Combine(output, "plane-v1-v2.csv")).First());
        Assert.Equal(1 + 40 * 40, File.ReadLines(Path.Combine(output, "plane-v1-v2.csv")).Count());
        Assert.Equal(
            "slice,step,a,b,distance,loss,shadow_loss",
            File.ReadLines(Path.Combine(output, "iterates.csv")).First()
        );
    }

    [Fact]
    public void Every_wrong_word_is_named_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = GyreProcess.RunIn(
            folder.Path,
            "landscape",
            "runs",
            "--grid",
            "1",
            "--window",
            "1001"
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("--grid: 1 is not an integer from 2 to 1001", error, StringComparison.Ordinal);
        Assert.Contains("--window", error, StringComparison.Ordinal);
        var missing = GyreProcess.RunIn(folder.Path, "landscape", "runs");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("There is no folder runs", missing.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
