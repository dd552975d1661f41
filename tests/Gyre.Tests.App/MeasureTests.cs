using System.Text.Json.Nodes;
using Gyre.App.Commands;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// `gyre measure` as its users run it: killed and resumed, watching a training, refused with every mistake at once.
/// </summary>
public sealed class MeasureTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--set",
        "data.samples=60",
        "--set",
        "model.widths=[8]",
        "--set",
        "threads=1",
        "--set",
        "curvature.pairs=2",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Killed_again_and_again_it_ends_with_the_same_bytes_and_repeats_nothing()
    {
        Train(40);
        Assert.Equal(0, Measure("alone").ExitCode);
        for (var wanted = 3; wanted < 35; wanted += 9)
        {
            using var process = GyreProcess.Start(Command("killed"));
            WaitForSteps("killed", wanted, process);
            foreach (var child in process.Descendants())
                GyreProcess.Signal(child, "KILL");
            GyreProcess.Signal(process.Id, "KILL");
            process.End();
        }
        var (code, output, _) = Measure("killed");
        Assert.Equal(0, code);
        Assert.Contains("resumes from the checkpoint of step", output, StringComparison.Ordinal);
        foreach (var file in new[] { "steps.jsonl", "curvature.jsonl", "events.jsonl", "summary.json" })
            Assert.Equal(File.ReadAllBytes(In("alone", file)), File.ReadAllBytes(In("killed", file)));
        // the files were cut to the last checkpoint at each kill, which is of the last step that was written, or of
        // the one before
        Assert.True(File.ReadLines(In("killed", "timings.jsonl")).Count() <= 40 + 5);
    }

    [Fact]
    public void An_interrupt_loses_nothing_and_the_same_command_goes_on()
    {
        Train(60);
        using (var process = GyreProcess.Start(Command("runs")))
        {
            WaitForSteps("runs", 2, process);
            GyreProcess.Signal(process.Id, "INT");
            var (stopped, _, error) = process.End();
            Assert.Equal(130, stopped);
            Assert.Contains("the same command resumes", error, StringComparison.Ordinal);
        }
        Assert.Equal(0, Measure("runs").ExitCode);
        Assert.Equal(60, File.ReadLines(In("runs", "steps.jsonl")).Count());
        var (again, output, _) = Measure("runs");
        Assert.Equal(0, again);
        Assert.Contains("nothing to do", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Watching_it_measures_what_appears_whole_and_in_order_until_it_is_interrupted()
    {
        Train(40);
        Directory.CreateDirectory(_folder["ckpts"]);
        using var process = GyreProcess.Start([.. Command("watched", "ckpts"), "--watch"]);
        process.Wait("no checkpoint yet in .*: (waiting)");
        Put(10);
        WaitForSteps("watched", 1, process);
        var half = File.ReadAllBytes(Checkpoint(20));
        File.WriteAllBytes(_folder["ckpts/step-000020.safetensors"], half[..(half.Length / 2)]);
        Put(15); // complete, and smaller: measured first
        WaitForSteps("watched", 2, process);
        File.WriteAllBytes(_folder["ckpts/step-000020.safetensors"], half);
        WaitForSteps("watched", 3, process);
        Put(12);
        process.Wait("note: .*step-000012.safetensors is (not measured): step 12 is before");
        GyreProcess.Signal(process.Id, "INT");
        var (code, output, error) = process.End();
        Assert.True(code == 0, error);
        Assert.Contains("run folder", output, StringComparison.Ordinal);
        Assert.Equal([10, 15, 20], RunReader.Open(Run("watched")).ReadSteps().Select(step => step.Step));
        Assert.Equal(20, RunReader.Open(Run("watched")).ReadSummary()!.Steps);
        Put(30);
        Assert.Equal(0, Measure("watched", "ckpts").ExitCode); // resumes, without watching
        Assert.Equal([10, 15, 20, 30], RunReader.Open(Run("watched")).ReadSteps().Select(step => step.Step));
    }

    [Fact]
    public void Its_folder_is_read_by_every_command_and_begun_by_no_other()
    {
        Train(12);
        Assert.Equal(0, Measure("runs").ExitCode);
        var run = Run("runs");
        Assert.Contains("left out", Ok("report", run), StringComparison.Ordinal);
        Assert.Contains("12/12", Ok("ls", _folder["runs"]), StringComparison.Ordinal);
        Ok("export", run, "--out", _folder["tables"]);
        Assert.Contains(
            "measured.sources",
            Ok("compare", run, Directory.GetDirectories(_folder["trained"])[0]),
            StringComparison.Ordinal
        );
        Assert.Contains("nothing to do", Ok("measure", run), StringComparison.Ordinal);
        Assert.Contains("gyre measure", Refused("run", run), StringComparison.Ordinal);
        Assert.Contains("measured from checkpoints", Refused("landscape", run), StringComparison.Ordinal);
    }

    [Fact]
    public void Quiet_leaves_out_progress_and_not_what_changes_the_numbers_meaning()
    {
        Train(4);
        var (code, output, error) = GyreProcess.Run([.. Command("runs"), "--quiet"]);
        Assert.True(code == 0, error);
        Assert.Contains("note: step 1: the loss at step 1 is ", output, StringComparison.Ordinal);
        Assert.Contains("note: step 2: the update from step 1 equals −eta·gradient", output, StringComparison.Ordinal);
        Assert.DoesNotContain("checkpoint 1/", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_noted_stays_with_the_result()
    {
        Train(4);
        Assert.Equal(0, Measure("runs").ExitCode);
        var answer = Ok("report", Run("runs"), "--json", "-");
        var notes = JsonNode.Parse(answer)!["notes"]!.AsArray().Select(note => $"{note}").ToArray();
        Assert.Equal(2, notes.Length);
        Assert.StartsWith("the loss at step 1 is ", notes[0], StringComparison.Ordinal);
        Assert.StartsWith("the update from step 1 equals −eta·gradient", notes[1], StringComparison.Ordinal);
        Assert.Matches(@"notes\s+│ 2 ", Ok("report", Run("runs")));
    }

    [Fact]
    public void Data_that_are_given_are_taken_as_they_are_with_a_spec_too()
    {
        Train(2);
        ExportedNetworks.CopySamples(_folder);
        var settings = new MeasureSettings
        {
            Model = "quick",
            Checkpoints = [Checkpoint(1)],
            Data = "arrays",
            DataPath = _folder.Path,
            LearningRate = "0.1",
        };
        var data = MeasuredModel.Read(settings).Spec.Data;
        Assert.Equal((0, false), (data.Samples, data.Standardise));
    }

    [Fact]
    public void A_folder_of_names_without_steps_says_so()
    {
        Train(2);
        Directory.CreateDirectory(_folder["ckpts"]);
        File.Copy(Checkpoint(1), _folder["ckpts/a.safetensors"]);
        File.Copy(Checkpoint(2), _folder["ckpts/b.safetensors"]);
        var words = Refused("measure", "quick", _folder["ckpts"], "--learning-rate", "0.1", "--out", _folder["runs"]);
        Assert.Contains("no checkpoint with a known step", words, StringComparison.Ordinal);
        Assert.Contains("(and 1 more)", words, StringComparison.Ordinal);
        Assert.DoesNotContain("--watch", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_named_at_once_and_nothing_is_written()
    {
        Train(3);
        Put(1);
        Put(2);
        File.WriteAllText(_folder["ckpts/last.pt"], "x");
        File.WriteAllText(_folder["ckpts/step-2.pt"], "x");
        File.WriteAllText(_folder["rates.csv"], "step,rate\n5,0.1\nx,0.2\n");
        var words = Refused(
            "measure",
            "quick",
            _folder["ckpts/*"],
            "--learning-rate",
            _folder["rates.csv"],
            "--set",
            "optimizer.name=adm",
            "--probe",
            "nothing",
            "--out",
            _folder["runs"]
        );
        string[] named =
        [
            "last.pt: its name has no number",
            "step 2: 2 checkpoints have this step",
            "rates.csv, line 3: x is not a step",
            "optimizer.name: \"adm\" is not allowed",
            "--probe: nothing is not a probe",
        ];
        Assert.All(named, part => Assert.Contains(part, words, StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Theory]
    [InlineData("CHECKPOINTS: required", "quick")]
    [InlineData("has no checkpoint", "quick", "empty")]
    [InlineData("nowhere: there is no such file or folder", "quick", "ckpts", "nowhere")]
    [InlineData("--learning-rate: 0 is not a learning rate above 0", "quick", "ckpts", "--learning-rate", "0")]
    [InlineData("is neither a number nor a file", "quick", "ckpts", "--learning-rate", "none.csv")]
    [InlineData(
        "the table begins at step 2, but there is a checkpoint of step 1",
        "quick",
        "ckpts",
        "--learning-rate",
        "late.csv"
    )]
    [InlineData("2 steps for 1 checkpoints", "quick", "ckpts", "--steps", "1,2")]
    [InlineData("\"b\" is not a step", "quick", "ckpts", "--steps", "a,b")]
    [InlineData("is a checkpoint of a network with", "quick", "ckpts", "--set", "model.widths=[9]")]
    [InlineData("training.edge_rate", "quick", "ckpts", "--set", "training.edge_rate=1.0")]
    public void A_command_line_that_cannot_be_done_is_refused(string words, params string[] arguments)
    {
        Train(3);
        Put(1);
        Directory.CreateDirectory(_folder["empty"]);
        File.WriteAllText(_folder["late.csv"], "2,0.1\n");
        var (code, _, error) = GyreProcess.RunIn(_folder.Path, ["measure", arguments[0], .. Small, .. arguments[1..]]);
        Assert.Equal(2, code);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    private static string Ok(params string[] arguments)
    {
        var (code, output, error) = GyreProcess.Run(arguments);
        Assert.True(code == 0, error);
        return output;
    }

    private static string Refused(params string[] arguments)
    {
        var (code, _, error) = GyreProcess.Run(arguments);
        Assert.Equal(2, code);
        return error;
    }

    /// <summary>A training whose every step has a checkpoint, in the folder trained.</summary>
    private void Train(int steps) =>
        Ok([
            "run",
            "quick",
            .. Small,
            "--set",
            $"training.steps={steps}",
            "--set",
            "curvature.every=0",
            "--set",
            "run.checkpoint_every=1",
            "--set",
            "run.keep_checkpoints=1000",
            "--out",
            _folder["trained"],
        ]);

    private string Checkpoint(int step) =>
        Checkpoints.PathOf(new RunFolder(Directory.GetDirectories(_folder["trained"])[0]), step);

    /// <summary>Puts a checkpoint of the training into ckpts, as a program does that renames it there.</summary>
    private void Put(int step)
    {
        Directory.CreateDirectory(_folder["ckpts"]);
        File.Copy(Checkpoint(step), _folder["ckpts/new.tmp"]);
        File.Move(_folder["ckpts/new.tmp"], _folder[$"ckpts/{Path.GetFileName(Checkpoint(step))}"]);
    }

    private string[] Command(string runs, string source = "trained/*/checkpoints") =>
        ["measure", "quick", _folder[source], .. Small, "--out", _folder[runs]];

    private (int ExitCode, string Output, string Error) Measure(string runs, string source = "trained/*/checkpoints") =>
        GyreProcess.Run(Command(runs, source));

    private string Run(string runs) => Directory.GetDirectories(_folder[runs])[0];

    private string In(string runs, string file) => Path.Combine(Run(runs), file);

    private void WaitForSteps(string runs, int count, GyreProcess process)
    {
        while (!Directory.Exists(_folder[runs]) || Steps(runs) < count)
        {
            Assert.True(process.Running, "it ended early");
            Thread.Sleep(10);
        }
    }

    private int Steps(string runs) =>
        Directory.GetDirectories(_folder[runs]) is [var run, ..] && File.Exists(Path.Combine(run, "steps.jsonl"))
            ? File.ReadLines(Path.Combine(run, "steps.jsonl")).Count()
            : 0;
}
