using System.Text.Json;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>--json and --quiet: one value on standard output and nothing else, and no progress where none is
/// wanted.</summary>
public class JsonTests
{
    private static readonly string[] Small =
    [
        "run",
        "quick",
        "--set",
        "threads=1",
        "--set",
        "training.steps=12",
        "--set",
        "data.samples=50",
        "--set",
        "model.widths=[8]",
    ];

    [Fact]
    public void A_run_answers_in_JSON_and_its_progress_goes_beside()
    {
        using var folder = new TemporaryFolder();
        var first = GyreProcess.RunIn(folder.Path, [.. Small, "--json", "-"]);
        Assert.Equal(0, first.ExitCode);
        Assert.Contains("step 12/12", first.Error, StringComparison.Ordinal);
        var run = JsonDocument.Parse(first.Output).RootElement;
        Assert.Equal(("run", "quick", "finished"), (Text(run, "kind"), Text(run, "name"), Text(run, "status")));
        Assert.Equal(12, run.GetProperty("summary").GetProperty("steps").GetInt32());
        Assert.EndsWith("report/figure.svg", run.GetProperty("files")[0].GetString(), StringComparison.Ordinal);

        // Done before, and by report: the same, and to a file beside the table.
        var second = GyreProcess.RunIn(folder.Path, [.. Small, "--quiet", "--json", "-"]);
        Assert.Equal((0, first.Output, ""), second);
        var report = GyreProcess.RunIn(folder.Path, "report", "--json", "made/report.json");
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        Assert.Contains("outcome", report.Output, StringComparison.Ordinal);
        Assert.Equal(first.Output, File.ReadAllText(folder["made/report.json"]));
    }

    [Fact]
    public void A_quiet_run_shows_what_came_of_it_and_no_progress()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, [.. Small, "--quiet"]);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("╭", output, StringComparison.Ordinal);
        Assert.Contains("outcome", output, StringComparison.Ordinal);
        Assert.DoesNotContain("step 12/12", output, StringComparison.Ordinal);

        var (failed, _, said) = GyreProcess.RunIn(folder.Path, "run", "quick", "--set", "training.steps=0", "--quiet");
        Assert.Equal(2, failed);
        Assert.Contains("training.steps", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_and_its_report_answer_in_JSON()
    {
        using var folder = new TemporaryFolder();
        string[] sweep =
        [
            "sweep",
            "quick",
            "--set",
            "data.samples=60",
            "--set",
            "model.widths=[8]",
            "--set",
            "training.steps=10",
            "--set",
            "curvature.pairs=2",
            "--set",
            "curvature.bottom=0",
            "--set",
            "sweep.seeds=1",
            "--set",
            "threads=1",
            "--set",
            "sweep.axes.training.learning_rate=[0.1,0.2]",
            "--json",
            "-",
            "--quiet",
        ];

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, sweep);

        Assert.Equal((0, ""), (exitCode, error));
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal("sweep", Text(answer, "kind"));
        Assert.Equal((2, 2), (answer.GetProperty("done").GetInt32(), answer.GetProperty("total").GetInt32()));
        var cells = answer.GetProperty("cells").EnumerateArray().ToArray();
        Assert.Equal(
            [0.1, 0.2],
            cells.Select(cell => cell.GetProperty("cell").GetProperty("learning_rate").GetDouble())
        );
        Assert.All(cells, cell => Assert.Equal(10, cell.GetProperty("summary").GetProperty("steps").GetInt32()));
        Assert.NotEqual(0, answer.GetProperty("verdicts").GetArrayLength());
        Assert.Equal(output, GyreProcess.RunIn(folder.Path, "report", "sweeps/quick", "--json", "-").Output);
        Assert.Equal(output, GyreProcess.RunIn(folder.Path, [.. sweep, "--status"]).Output);
        Assert.Equal(2, GyreProcess.RunIn(folder.Path, [.. sweep, "--dry-run"]).ExitCode);
    }

    [Fact]
    public void A_damaged_folder_answers_too_and_says_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        SyntheticSweep.Usual.Write(folder["mine"]);
        var cell = Directory.GetDirectories(folder["mine/cells"]).Order(StringComparer.Ordinal).First();
        File.AppendAllText(Path.Combine(cell, "steps.jsonl"), "no record\n");

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "report", "mine", "--json", "-");

        Assert.Equal(2, exitCode);
        Assert.Contains("steps.jsonl", error, StringComparison.Ordinal);
        var flaws = JsonDocument
            .Parse(output)
            .RootElement.GetProperty("flaws")
            .EnumerateArray()
            .Select(flaw => flaw.GetString()!);
        Assert.Contains(flaws, flaw => flaw.Contains("steps.jsonl", StringComparison.Ordinal));
    }

    [Fact]
    public void The_doctor_answers_in_JSON_what_it_says_in_lines()
    {
        var lines = GyreProcess.Run("doctor");
        var (exitCode, output, _) = GyreProcess.Run("doctor", "--json", "-");
        Assert.Equal(lines.ExitCode, exitCode);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal(exitCode == 0, answer.GetProperty("sound").GetBoolean());
        var findings = answer.GetProperty("findings").EnumerateArray().ToArray();
        Assert.True(findings.Length >= 10);
        Assert.All(
            findings,
            finding => Assert.Contains(Text(finding, "subject")!, lines.Output, StringComparison.Ordinal)
        );
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
