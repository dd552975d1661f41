using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre report` of sweeps, as a user gives it.</summary>
public class ReportTests
{
    [Fact]
    public void A_sweep_folder_gets_its_tables_and_its_page_with_figures()
    {
        using var folder = new TemporaryFolder();
        SyntheticSweep.Usual.Write(folder["mine"]);

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "report", "mine");

        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        Assert.Contains("sweep folder  mine\n", output, StringComparison.Ordinal);
        Assert.Contains("report        mine/report/report.html", output, StringComparison.Ordinal);
        Assert.Contains("supported", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["mine/report/report.html"]));
        Assert.True(File.Exists(folder["mine/report/accuracy.png"]));
    }

    [Fact]
    public void Without_a_name_the_latest_of_runs_and_sweeps_is_meant_and_an_unfinished_one_says_so()
    {
        using var folder = new TemporaryFolder();
        (SyntheticSweep.Usual with { Name = "older" }).Write(folder["sweeps/older"]);
        (SyntheticSweep.Usual with { Name = "newer", Done = 0.5 }).Write(folder["sweeps/newer"]);
        File.WriteAllText(folder["sweeps/older/log.jsonl"], "");
        File.WriteAllText(folder["sweeps/newer/log.jsonl"], "");
        File.SetLastWriteTimeUtc(folder["sweeps/older/log.jsonl"], DateTime.UnixEpoch);

        var (exitCode, output, _) = GyreProcess.RunIn(folder.Path, "report");

        Assert.Equal(0, exitCode);
        Assert.Contains(
            "sweep folder  sweeps/newer (6 of 12 cells are not finished)",
            output,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(folder["sweeps/older/report"]));
    }

    [Fact]
    public void Where_there_is_nothing_the_answer_says_what_to_name()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, "report");

        Assert.Equal(2, exitCode);
        Assert.Equal(
            "There is no run in runs/ and no sweep in sweeps/ here. Give a folder: gyre report FOLDER.\n",
            error
        );
    }
}
