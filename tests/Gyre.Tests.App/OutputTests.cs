using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>A run as its user sees it in a file or a pipe, and what it leaves.</summary>
public class OutputTests
{
    private static readonly string[] Small =
    [
        "run",
        "quick",
        "--set",
        "threads=1",
        "--set",
        "training.steps=30",
        "--set",
        "data.samples=50",
        "--set",
        "model.widths=[8]",
    ];

    [Fact]
    public void A_run_is_shown_in_plain_lines_then_a_table_and_two_figures_and_once_only()
    {
        using var folder = new TemporaryFolder();
        var first = GyreProcess.RunIn(folder.Path, [.. Small]);
        Assert.Equal(0, first.ExitCode);
        Assert.Empty(first.Error);
        Assert.DoesNotContain(first.Output, letter => char.IsControl(letter) && letter != '\n');
        Assert.Contains("step 30/30", first.Output, StringComparison.Ordinal);
        foreach (
            var row in new[]
            {
                "outcome",
                "instabilities",
                "sharpness",
                "flattening",
                "flip",
                "drift",
                "accuracy",
                "Hessian-vector",
                "time",
            }
        )
            Assert.Contains(row, first.Output, StringComparison.Ordinal);
        var run = Directory.GetDirectories(folder["runs"]).Single();
        var name = Path.Combine("runs", Path.GetFileName(run));
        Assert.Contains(
            $"figure      {name}/report/figure.svg\nfigure      {name}/report/figure.png\n",
            first.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(
            [0x89, (byte)'P', (byte)'N', (byte)'G'],
            File.ReadAllBytes(Path.Combine(run, "report", "figure.png"))[..4]
        );

        var before = File.ReadAllBytes(Path.Combine(run, "sessions.jsonl"));
        var second = GyreProcess.RunIn(folder.Path, [.. Small]);
        Assert.Equal(0, second.ExitCode);
        Assert.StartsWith($"{name} is finished", second.Output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(run, "sessions.jsonl")));

        Directory.Delete(Path.Combine(run, "report"), recursive: true);
        var report = GyreProcess.RunIn(folder.Path, "report");
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(TableOf(first.Output), TableOf(report.Output));
        Assert.Contains("outcome", TableOf(report.Output), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "report", "figure.svg")));
    }

    [Fact]
    public void A_run_without_an_accuracy_shows_none_and_no_number_that_is_none()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "run", "diagonal");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("catapult", output, StringComparison.Ordinal);
        Assert.Contains("numeric targets", output, StringComparison.Ordinal);
        foreach (var wrong in new[] { "NaN", "-0.000", "train " })
            Assert.DoesNotContain(wrong, output, StringComparison.Ordinal);
        var figure = File.ReadAllText(
            Directory.GetFiles(folder["runs"], "figure.svg", SearchOption.AllDirectories).Single()
        );
        Assert.DoesNotContain("accuracy", figure, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unfinished_run_gets_a_figure_too_and_says_where_it_resumes()
    {
        using var folder = new TemporaryFolder();
        string[] longer = [.. Small, "--set", "training.steps=60000", "--set", "curvature.every=0"];
        using (var process = GyreProcess.StartIn(folder.Path, longer))
        {
            Assert.True(
                SpinWait.SpinUntil(
                    () =>
                        !process.Running
                        || (
                            Directory.Exists(folder["runs"])
                            && Directory.GetFiles(folder["runs"], "step-*", SearchOption.AllDirectories).Length > 0
                        ),
                    TimeSpan.FromSeconds(60)
                )
            );
            AssertWithoutLibtorch(process);
            GyreProcess.Signal(process.Id, "HUP");
            Assert.Equal(130, process.End().ExitCode);
        }
        var run = new RunFolder(Directory.GetDirectories(folder["runs"]).Single());
        Assert.Equal("interrupted", RunReader.Open(run.Path).ReadSessions()[^1].Kind);
        var report = GyreProcess.RunIn(folder.Path, "report", run.Path);
        Assert.Equal(0, report.ExitCode);
        Assert.StartsWith("unfinished: ", report.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run.Report, "figure.svg")));
        var latest = Checkpoints.Steps(run)[0];
        var resumed = GyreProcess.RunIn(folder.Path, longer);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains($"resumes from the checkpoint of step {latest}", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_resumed_wherever_it_lies_and_only_as_it_was_begun()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["t.csv"],
            "a,y\n" + string.Concat(Enumerable.Range(0, 20).Select(row => $"{row},{row % 2}\n"))
        );
        string[] command =
        [
            "run",
            "quick",
            "--set",
            "threads=1",
            "--set",
            "training.steps=8",
            "--set",
            "run.checkpoint_every=4",
            "--set",
            "data.name=table",
            "--set",
            "data.path=t.csv",
            "--set",
            "data.target=y",
            "--set",
            "data.samples=0",
            "--set",
            "model.widths=[4]",
        ];
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, command).ExitCode);
        var run = new RunFolder(Directory.GetDirectories(folder["runs"]).Single());
        var (steps, summary) = (File.ReadAllBytes(run.Steps), File.ReadAllBytes(run.Summary));
        File.Delete(run.Summary);
        Directory.Move(run.Path, folder["moved"]);
        File.Move(folder["t.csv"], folder["u.csv"]);

        var other = GyreProcess.RunIn(folder.Path, "run", "moved", "--set", "seed=5");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("other than moved", other.Error, StringComparison.Ordinal);
        var resumed = GyreProcess.RunIn(folder.Path, "run", "moved", "--set", "data.path=u.csv");

        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("moved: resumes from the checkpoint of step 8", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(steps, File.ReadAllBytes(folder["moved/steps.jsonl"]));
        Assert.Equal(summary, File.ReadAllBytes(folder["moved/summary.json"]));
    }

    [Fact]
    public void The_checkpoint_that_is_named_is_the_one_it_resumes_from_and_a_damaged_one_is_said()
    {
        using var folder = new TemporaryFolder();
        string[] command = [.. Small, "--set", "training.steps=12", "--set", "run.checkpoint_every=5"];
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, command).ExitCode);
        var run = new RunFolder(Directory.GetDirectories(folder["runs"]).Single());
        File.Delete(run.Summary);
        var steps = Checkpoints.Steps(run);
        var newest = Checkpoints.PathOf(run, steps[0]);
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..100]);

        var resumed = GyreProcess.RunIn(folder.Path, command);

        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains($"resumes from the checkpoint of step {steps[1]}", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("skipped: ", resumed.Output, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(newest), resumed.Output.ReplaceLineEndings(""), StringComparison.Ordinal);
    }

    /// <summary>The child is held still, so that it cannot heed the first request.</summary>
    [Fact]
    public void A_second_interrupt_ends_at_once_and_the_run_can_still_go_on()
    {
        using var folder = new TemporaryFolder();
        string[] longer = [.. Small, "--set", "training.steps=200"];
        using (var process = GyreProcess.StartIn(folder.Path, longer))
        {
            Assert.True(
                SpinWait.SpinUntil(() => !process.Running || Directory.Exists(folder["runs"]), TimeSpan.FromSeconds(60))
                    && process.Running
            );
            var child = process.Children().Single();
            GyreProcess.Signal(child, "STOP");
            GyreProcess.Signal(process.Id, "INT");
            Assert.True(
                SpinWait.SpinUntil(
                    () => File.ReadAllText($"/proc/{child}/stat").Contains(") T ", StringComparison.Ordinal),
                    TimeSpan.FromSeconds(30)
                )
            );
            Assert.True(process.Running);
            // Again until it is heeded: two signals that follow at once may reach a busy process as one.
            Assert.True(SpinWait.SpinUntil(() => EndsAfterAnother(process), TimeSpan.FromSeconds(60)));
            var (exitCode, _, error) = process.End();
            Assert.Equal(130, exitCode);
            Assert.StartsWith("Interrupted", error, StringComparison.Ordinal);
        }
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, longer).ExitCode);
    }

    [Fact]
    public void A_run_that_diverges_is_done_and_named_so()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(
            folder.Path,
            [.. Small, "--set", "training.learning_rate=500"]
        );
        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        Assert.Matches("outcome +│ diverged +│ the loss is", output);
        var run = RunReader.Open(Directory.GetDirectories(folder["runs"]).Single());
        Assert.Equal("diverged", run.ReadSummary()!.Outcome);
        Assert.Equal(["diverged", "ended"], run.ReadEvents().TakeLast(2).Select(happened => happened.Kind));
        Assert.True(
            run.ReadSteps()[^1].Step < 30 && run.ReadSteps()[^1].Step == run.ReadSummary()!.Steps,
            $"ended at step {run.ReadSteps()[^1].Step}"
        );
    }

    [Fact]
    public void The_printed_spec_of_a_preset_is_the_preset()
    {
        using var folder = new TemporaryFolder();
        var printed = GyreProcess.Run("spec", "reduced", "--set", "seed=5");
        Assert.Equal(0, printed.ExitCode);
        File.WriteAllText(folder["mine.toml"], printed.Output.Replace("format = 1\n", "", StringComparison.Ordinal));
        Assert.Equal(printed.Output, GyreProcess.RunIn(folder.Path, "spec", "mine.toml").Output);
    }

    private static bool EndsAfterAnother(GyreProcess process)
    {
        GyreProcess.Signal(process.Id, "INT");
        return SpinWait.SpinUntil(() => !process.Running, TimeSpan.FromSeconds(1));
    }

    /// <summary>The parent only watches: libtorch, which can end a process, is in the child alone.</summary>
    private static void AssertWithoutLibtorch(GyreProcess parent)
    {
        static string Maps(int process) => File.ReadAllText($"/proc/{process}/maps");
        Assert.DoesNotContain("libtorch", Maps(parent.Id), StringComparison.Ordinal);
        Assert.Contains("libtorch", Maps(parent.Children().Single()), StringComparison.Ordinal);
    }

    private static string TableOf(string output) =>
        string.Join('\n', output.Split('\n').Where(line => line.StartsWith('│')));
}
