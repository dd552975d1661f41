using System.Text.Json;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre ls` and `gyre compare`, as a user gives them, on folders of every kind.</summary>
public class ListTests
{
    private static readonly InstabilityRecord[] NoCycles = [];

    [Fact]
    public void Runs_and_sweeps_are_a_line_each_and_a_damaged_one_costs_no_other()
    {
        using var folder = new TemporaryFolder();
        Run(folder["runs/done"], finished: true, "training.learning_rate=0.25");
        Run(folder["runs/open"], finished: false);
        using var going = RunLock.Take(Run(folder["runs/running"], finished: false));
        Run(folder["runs/broken"], finished: true);
        File.WriteAllText(folder["runs/broken/spec.toml"], "format = 1\nname = [");
        Run(folder["runs/newer"], finished: true);
        File.WriteAllText(folder["runs/newer/spec.toml"], "format = 9\n");
        Run(folder["runs/unsaid"], finished: true);
        File.WriteAllText(folder["runs/unsaid/summary.json"], "{}");
        Run(folder["runs/stump"], finished: false);
        File.Delete(folder["runs/stump/spec.toml"]);
        (SyntheticSweep.Usual with { Name = "rates", Done = 0.5 }).Write(folder["sweeps/rates"]);
        SyntheticSweep.Usual.Write(folder["sweeps/torn"]);
        File.WriteAllText(folder["sweeps/torn/plan.json"], "{\"format\":1,");

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "ls");

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, lines.Length);
        Assert.Matches("^folder +outcome +eta +progress +sharpness +test acc.", lines[0]);
        Assert.Matches(@"^runs/broken  +damaged +\S", lines[1]);
        Assert.Matches(@"^runs/done \(quick\) +edge of stability +0\.25 +500/\d+ +7\.24 +80\.7 %$", lines[2]);
        Assert.Matches(@"^runs/newer +damaged +.*newer version", lines[3]);
        Assert.Matches(@"^runs/open \(quick\) +unfinished +0\.5 +500/\d+ +[\d.]+ +\d", lines[4]);
        Assert.Matches(@"^runs/running \(quick\) +running ", lines[5]);
        Assert.Matches(@"^runs/stump +damaged +.*spec\.toml", lines[6]);
        Assert.Matches(@"^runs/unsaid \(quick\) +damaged +summary\.json", lines[7]);
        Assert.Matches(@"^sweeps/rates +unfinished +0\.02–0\.5 +6/12 cells ", lines[8]);
        Assert.Matches(@"^sweeps/torn +damaged +.*plan\.json", lines[9]);
    }

    [Fact]
    public void Cells_are_listed_where_they_are_asked_for_and_JSON_says_the_same()
    {
        using var folder = new TemporaryFolder();
        (SyntheticSweep.Usual with { Name = "rates", Done = 0.5 }).Write(folder["sweeps/rates"]);
        using var held = RunLock.Take(new SweepFolder(folder["sweeps/rates"]));

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "ls", "sweeps", "--cells", "--json", "-");

        Assert.Equal((0, ""), (exitCode, error));
        var rows = JsonDocument.Parse(output).RootElement.EnumerateArray().ToArray();
        Assert.Equal(13, rows.Length);
        Assert.Equal(
            ("sweep", "rates", "running"),
            (Text(rows[0], "kind"), Text(rows[0], "name"), Text(rows[0], "status"))
        );
        Assert.Equal((6, 12), (rows[0].GetProperty("done").GetInt32(), rows[0].GetProperty("total").GetInt32()));
        Assert.Equal(0.5, rows[0].GetProperty("largest_learning_rate").GetDouble());
        Assert.Equal(6, rows.Count(row => Text(row, "kind") == "cell" && Text(row, "status") == "finished"));
        Assert.Equal(6, rows.Count(row => Text(row, "kind") == "cell" && Text(row, "status") == "unfinished"));
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("sharpness").ValueKind);
        Assert.Equal(
            2,
            GyreProcess
                .RunIn(folder.Path, "ls", "sweeps")
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Length
        );
    }

    /// <summary>Gigabytes of lines, of which the last is all that is read.</summary>
    [Fact]
    public void A_long_run_is_listed_by_the_end_of_its_files()
    {
        using var folder = new TemporaryFolder();
        var run = Run(folder["runs/long"], finished: false);
        File.Delete(run.Steps);
        using (var steps = new FileStream(run.Steps, FileMode.CreateNew))
        {
            steps.SetLength(40L << 30); // a hole: it takes no room on the disk
            steps.Seek(0, SeekOrigin.End);
            steps.Write("\n"u8);
            steps.Write(RunJson.ToLine(new StepRecord(999_999, 0.5, 0.9, 0.1, 0.2, null, null)));
            steps.Write("\n"u8);
        }

        var (exitCode, output, _) = GyreProcess.RunIn(folder.Path, "ls");

        Assert.Equal(0, exitCode);
        Assert.Contains(" 999999/", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_of_a_newer_version_is_not_counted_as_finished()
    {
        using var folder = new TemporaryFolder();
        (SyntheticSweep.Usual with { Name = "rates" }).Write(folder["sweeps/rates"]);
        var summary = Directory
            .GetFiles(folder.Path, "summary.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .First();
        File.WriteAllText(
            summary,
            File.ReadAllText(summary).Replace("\"format\": 1", "\"format\": 9", StringComparison.Ordinal)
        );

        var (exitCode, output, _) = GyreProcess.RunIn(folder.Path, "ls");

        Assert.Equal(0, exitCode);
        Assert.Matches(@"\nsweeps/rates +damaged +.*newer version", output);
    }

    [Fact]
    public void Names_from_a_folder_steer_no_terminal()
    {
        using var folder = new TemporaryFolder();
        var run = Run(folder["runs/\u001b[31mred"], finished: false);
        var spec = File.ReadAllText(run.Spec);
        File.WriteAllText(
            run.Spec,
            spec.Replace("name = \"quick\"", "name = \"a\\u001b[2J\\nb\"", StringComparison.Ordinal)
        );

        var (exitCode, output, _) = GyreProcess.RunIn(folder.Path, "ls");

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain(output, letter => char.IsControl(letter) && letter != '\n');
        Assert.Contains(@"\u001b[31mred (a\u001b[2J\u000ab)", output, StringComparison.Ordinal);
        var json = GyreProcess.RunIn(folder.Path, "ls", "--json", "-").Output;
        Assert.DoesNotContain(json, letter => char.IsControl(letter) && letter != '\n');
        Assert.Equal("a\u001b[2J\nb", JsonDocument.Parse(json).RootElement[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Where_there_is_nothing_it_says_so_and_what_is_no_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(
            (0, "", "There is no run in runs/ and no sweep in sweeps/ here.\n"),
            GyreProcess.RunIn(folder.Path, "ls")
        );
        var empty = GyreProcess.RunIn(folder.Path, "ls", "--json", "-");
        Assert.Equal((0, "[]\n", ""), empty);
        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, "ls", "nowhere");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("nowhere is not a folder.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_compared_by_the_keys_that_differ_and_by_their_numbers_with_errors()
    {
        using var folder = new TemporaryFolder();
        Run(folder["a"], finished: true, "training.learning_rate=0.25", "run.tags=one");
        Run(folder["b"], finished: true, "training.learning_rate=0.75");
        Run(folder["c"], finished: false, "training.learning_rate=0.75", "seed=7");

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "compare", "a", "b", "c");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"training\.learning_rate +│ 0\.25 +│ 0\.75 +│ 0\.75 ", output);
        Assert.Matches(@"seed +│ 0 +│ 0 +│ 7 ", output);
        Assert.DoesNotContain("tags", output, StringComparison.Ordinal);
        Assert.DoesNotContain("model.name", output, StringComparison.Ordinal);
        Assert.Matches(@"flip +│ 0\.2213 ± 0\.0041 +│ 0\.2213 ± 0\.0041 +│ —", output);
        Assert.Matches(@"outcome +│ edge of +│ edge of +│ unfinished", output);
    }

    [Fact]
    public void What_cannot_be_compared_is_named_all_at_once()
    {
        using var folder = new TemporaryFolder();
        Run(folder["a"], finished: true);
        SyntheticSweep.Usual.Write(folder["sweep"]);

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "compare", "a", "sweep", "nowhere");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("sweep is a sweep, not a run", error, StringComparison.Ordinal);
        Assert.Contains("There is no folder nowhere", error, StringComparison.Ordinal);
        Assert.Contains(
            "give at least 2 run folders",
            GyreProcess.RunIn(folder.Path, "compare", "a").Error,
            StringComparison.Ordinal
        );
    }

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static RunFolder Run(string path, bool finished, params string[] sets)
    {
        var data = SyntheticRun.Usual();
        return SyntheticFolder.Write(
            path,
            data with
            {
                Summary = finished ? SyntheticRun.Summary(NoCycles) : null,
            },
            sets
        );
    }
}
