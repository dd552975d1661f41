using System.Text;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.RunFiles;

/// <summary>
/// Nothing in a folder is believed just because it is there: what was changed since it was written is found, and named.
/// </summary>
public sealed class FolderTrustTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunSpec _spec = SpecReader.Read("quick");
    private readonly RunFolder _run;

    public FolderTrustTests()
    {
        Gyre.Torch.LibTorch.Load();
        _run = new RunFolder(_folder[Run.FolderName(_spec)]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Damage to a file before the checkpoint's place: none of it changes the file's length, or only what follows.
    /// </summary>
    public static TheoryData<string, Func<byte[], byte[]>> Damage =>
        new()
        {
            { "a digit", bytes => Replaced(bytes, "0.5", "0.6") },
            { "NUL", bytes => [.. bytes.Select((one, i) => i is > 3 and < 9 ? (byte)0 : one)] },
            { "the first line put last", FirstLineLast },
            {
                "line ends of another system",
                bytes => [.. Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).ReplaceLineEndings("\r\n"))]
            },
            { "a number out of range", bytes => Replaced(bytes, "0.5,", "1e999,") },
        };

    [Theory]
    [MemberData(nameof(Damage))]
    public void A_checkpoint_counts_only_with_the_lines_it_was_written_with(string what, Func<byte[], byte[]> damage)
    {
        Write(steps: 6, finish: false);
        foreach (var file in _run.Replayed)
        {
            var sound = File.ReadAllBytes(file);
            Assert.Equal(6, Latest()?.Step);
            File.WriteAllBytes(file, damage(sound));
            var skipped = new List<string>();
            Assert.True(Latest(skipped) is null or { Step: < 6 }, what);
            Assert.Contains(Path.GetFileName(file), skipped[0], StringComparison.Ordinal);
            File.WriteAllBytes(file, sound);
        }
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public void A_finished_run_names_the_file_that_is_not_as_it_was(string what, Func<byte[], byte[]> damage)
    {
        Write(steps: 6, finish: true);
        Assert.Empty(Flaws());
        foreach (var file in _run.Replayed)
        {
            var sound = File.ReadAllBytes(file);
            File.WriteAllBytes(file, damage(sound));
            Assert.StartsWith(file, Assert.Single(Flaws()), StringComparison.Ordinal);
            File.WriteAllBytes(file, sound);
        }
        Assert.True(Flaws().Count == 0, what);
    }

    [Fact]
    public void A_doubled_line_counts_once_and_is_told()
    {
        Write(steps: 6, finish: true);
        File.AppendAllText(_run.Steps, File.ReadLines(_run.Steps).Last() + "\n");
        Assert.Equal([0L, 1, 2, 3, 4, 5, 6], RunReader.Open(_run.Path).ReadSteps().Select(step => step.Step));
        Assert.Contains("1 line of an earlier step, left out", Assert.Single(Flaws()), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_missing_or_folders_are_told_of_a_finished_run()
    {
        Write(steps: 6, finish: true);
        File.Delete(_run.Steps);
        Assert.Contains("missing", Assert.Single(Flaws()), StringComparison.Ordinal);
        Directory.CreateDirectory(_run.Steps);
        Assert.Contains("is a folder", Assert.Single(Flaws()), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_cut_off_are_missed_by_the_summary_of_an_earlier_version_too()
    {
        Write(steps: 6, finish: true);
        var summary = RunReader.Open(_run.Path).ReadSummary()!;
        File.WriteAllText(_run.Summary, RunJson.Pretty(summary with { Files = null }));
        File.WriteAllLines(_run.Steps, File.ReadAllLines(_run.Steps)[..^2]);
        Assert.Contains("ends at step 4, and the run at step 6", Assert.Single(Flaws()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_taken_out_is_missed_by_one_look_at_a_finished_run()
    {
        Write(steps: 6, finish: true);
        Assert.Equal("", RunGlance.Read(_run).Flaw);
        foreach (var file in _run.Replayed)
        {
            var lines = File.ReadAllLines(file);
            File.WriteAllLines(file, [.. lines[..2], .. lines[3..]]);
            var said = $"{Path.GetFileName(file)} has changed since the run ended";
            Assert.StartsWith(said, RunGlance.Read(_run).Flaw, StringComparison.Ordinal);
            File.WriteAllLines(file, lines);
        }
        File.Delete(_run.Curvature);
        Assert.Contains("curvature.jsonl is missing", RunGlance.Read(_run).Flaw, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_taken_out_of_an_unfinished_run_is_missed_by_its_checkpoint_or_by_the_lines_around_it()
    {
        Write(steps: 6, finish: false);
        Assert.Empty(Flaws());
        foreach (var file in _run.Replayed)
        {
            var lines = File.ReadAllLines(file);
            File.WriteAllLines(file, [.. lines[..2], .. lines[3..]]);
            Assert.Contains(
                Flaws(),
                flaw =>
                    flaw.StartsWith($"{file} ", StringComparison.Ordinal)
                    && flaw.Contains("the checkpoint of step 6", StringComparison.Ordinal)
            );
            File.WriteAllLines(file, lines);
        }
        Directory.Delete(_run.Checkpoints, recursive: true);
        var steps = File.ReadAllLines(_run.Steps);
        File.WriteAllLines(_run.Steps, [.. steps[..2], .. steps[4..]]);
        Assert.Contains(
            "lines of 2 steps are missing between others",
            Assert.Single(Flaws()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Timings_go_back_where_a_run_is_resumed_and_lack_no_step()
    {
        Write(steps: 6, finish: true);
        Timings(2, 3, 4, 3, 4, 5, 6); // of a fork from step 2, resumed from step 3
        Assert.Empty(Flaws());
        Timings(0, 1, 2, 5, 6);
        Assert.Contains(
            "timings.jsonl: lines of 2 steps are missing",
            Assert.Single(Flaws()),
            StringComparison.Ordinal
        );
        Timings(0, 1, 2, 3);
        Assert.Contains(
            "timings.jsonl ends at step 3, and the run at step 6",
            Assert.Single(Flaws()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_needs_every_file_refuses_a_folder_with_a_flaw()
    {
        Write(steps: 6, finish: true);
        File.WriteAllLines(_run.Steps, File.ReadAllLines(_run.Steps)[1..]);
        var run = RunReader.Open(_run.Path);
        var error = Assert.Throws<RunFolderException>(() => RunCheck.Require(run, "a landscape"));
        Assert.Contains("must be undamaged for a landscape", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_removed_under_the_writer_is_told_at_the_next_line_of_it()
    {
        Write(steps: 6, finish: false);
        var lengths = _run.Replayed.ToDictionary(file => Path.GetFileName(file), file => new FileInfo(file).Length);
        using var writer = new RunWriter(_run, lengths);
        writer.Append(Step(7));
        File.Delete(_run.Steps);
        var error = Assert.Throws<RunFolderException>(() => writer.Append(Step(8)));
        Assert.Contains("steps.jsonl was removed", error.Message, StringComparison.Ordinal);
    }

    private void Timings(params long[] steps)
    {
        var lines = steps.Select(step => RunJson.ToLine(new TimingRecord(step, 1, 2, 3, 4, 5)));
        File.WriteAllLines(_run.Timings, lines.Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    public void A_run_whose_summary_cannot_be_read_is_unfinished(string text)
    {
        Write(steps: 6, finish: true);
        Assert.Equal(RunStatus.Finished, _run.Status);
        var sound = File.ReadAllText(_run.Summary);
        File.WriteAllText(_run.Summary, text);
        Assert.Equal(RunStatus.Unfinished, _run.Status);
        File.WriteAllText(
            _run.Summary,
            sound
                .Replace("\"cycles\": [", "\"cycles\": [null, ", StringComparison.Ordinal)
                .Replace("[null, ]", "[null]", StringComparison.Ordinal)
        );
        Assert.Equal(RunStatus.Unfinished, _run.Status);
    }

    [Theory]
    [InlineData("\"flip\": {", "\"flip\": {}, \"other\": {")]
    [InlineData("\"flip\": {", "\"flip\": {\"mean\": 0.5}, \"other\": {")]
    [InlineData("\"final_loss\": ", "\"other\": ")]
    [InlineData("\"outcome_rule\": ", "\"outcome_rule\": null, \"other\": ")]
    public void A_part_of_a_summary_that_has_not_all_it_needs_is_none(string written, string damaged)
    {
        Write(steps: 6, finish: true);
        var sound = File.ReadAllText(_run.Summary);
        Assert.Contains(written, sound, StringComparison.Ordinal);
        File.WriteAllText(_run.Summary, sound.Replace(written, damaged, StringComparison.Ordinal));
        Assert.Equal(RunStatus.Unfinished, _run.Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"step\":3,\"accuracy\":0.5}")]
    [InlineData("{\"step\":3,\"kind\":null}")]
    public void A_line_without_what_every_line_has_is_no_line(string line)
    {
        Write(steps: 6, finish: false);
        foreach (var file in _run.Replayed)
        {
            var sound = File.ReadAllText(file);
            File.AppendAllText(file, line + "\n");
            Assert.Contains(Flaws(), flaw => flaw.StartsWith($"{file}: line ", StringComparison.Ordinal));
            File.WriteAllText(file, sound);
        }
    }

    [Fact]
    public void An_edited_spec_is_told_by_the_folders_name()
    {
        Write(steps: 6, finish: true);
        File.WriteAllText(_run.Spec, SpecText.Write(_spec with { Seed = 7 }));
        Assert.Contains(_run.Spec, Assert.Single(RunCheck.Flaws(RunReader.Open(_run.Path))), StringComparison.Ordinal);
        // decides nothing
        File.WriteAllText(_run.Spec, SpecText.Write(_spec with { Keeping = _spec.Keeping with { Tags = "paper" } }));
        Assert.Empty(RunCheck.Flaws(RunReader.Open(_run.Path)));
    }

    /// <summary>
    /// A renamed folder says no id, and a text that this version would not write has no other name for its id.
    /// </summary>
    [Theory]
    [InlineData("baseline", "learning_rate = 0.5", "learning_rate = 0.1")]
    [InlineData("baseline", "learning_rate = 0.5", "learning_rate = 0.10 # halved")]
    [InlineData("quick-0123456789", "learning_rate = 0.5", "learning_rate = 0.5")]
    public void An_edited_spec_is_told_whatever_the_folder_is_called(string name, string written, string edited)
    {
        var run = new RunFolder(_folder[name]);
        var text = SpecText.Write(_spec);
        run.Create(text, SampleRecords.Environment with { SpecId = SpecText.Id(_spec) });
        Assert.Equal(name == "baseline", RunCheck.FindSpecFlaw(run, text) is null);
        File.WriteAllText(run.Spec, text.Replace(written, edited, StringComparison.Ordinal));
        var said = RunCheck.FindSpecFlaw(run, File.ReadAllText(run.Spec))!;
        Assert.Contains("is not the spec of this run", said, StringComparison.Ordinal);
        Assert.DoesNotContain("rename", said, StringComparison.Ordinal);
        // decides nothing
        File.WriteAllText(run.Spec, text.Replace("tags = \"\"", "tags = \"paper\"", StringComparison.Ordinal));
        Assert.Equal(name == "baseline", RunCheck.FindSpecFlaw(run, File.ReadAllText(run.Spec)) is null);
    }

    [Fact]
    public void A_folder_that_disappears_ends_the_run_at_its_next_line()
    {
        _run.Create(SpecText.Write(_spec), SampleRecords.Environment);
        using var writer = new RunWriter(_run, new Dictionary<string, long>());
        writer.Append(Step(0));
        Directory.Delete(_run.Path, recursive: true);
        Assert.Contains(
            "removed",
            Assert.Throws<RunFolderException>(() => writer.Append(Step(1))).Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_run.Path));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("")]
    public void Cells_lie_in_their_sweeps_folder(string name)
    {
        var sweep = new SweepFolder(_folder["s"]);
        Directory.CreateDirectory(sweep.Path);
        var cell = new SweepCellRecord(name, "g", 0, 0.1, 1, new Dictionary<string, string>());
        File.WriteAllText(sweep.Plan, RunJson.Pretty(new SweepPlanRecord(1, "0", "s", "", 1, [], [cell])));
        Assert.Contains(
            "not the name of a folder",
            Assert.Throws<RunFolderException>(() => SweepReader.Open(sweep.Path)).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(
            sweep.Plan,
            RunJson.Pretty(
                new SweepPlanRecord(
                    1,
                    "0",
                    "s",
                    "",
                    1,
                    [],
                    [cell with { Folder = "a", Parent = name.Length > 0 ? name : ".." }]
                )
            )
        );
        Assert.Throws<RunFolderException>(() => SweepReader.Open(sweep.Path));
    }

    [Fact]
    public void Half_written_files_of_processes_that_live_are_left_alone()
    {
        _run.Create(SpecText.Write(_spec), SampleRecords.Environment);
        using var other = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sleep", ["30"]))!;
        var (living, dead) = ($"{_run.Environment}.{other.Id}.tmp", $"{_run.Environment}.999999999.tmp");
        File.WriteAllText(living, "half");
        File.WriteAllText(dead, "half");
        new RunWriter(_run, new Dictionary<string, long>()).Dispose();
        Assert.Equal((true, false), (File.Exists(living), File.Exists(dead)));
        other.Kill();
        other.WaitForExit();
        new RunWriter(_run, new Dictionary<string, long>()).Dispose();
        Assert.False(File.Exists(living));
    }

    private void Write(int steps, bool finish)
    {
        _run.Create(SpecText.Write(_spec), SampleRecords.Environment);
        using var scope = NewDisposeScope();
        using var writer = new RunWriter(_run, new Dictionary<string, long>());
        for (var step = 0; step <= steps; step++)
        {
            if (step is > 0 and var next && next % 3 == 0)
                Checkpoints.Write(
                    _run,
                    writer,
                    next,
                    new Dictionary<string, Tensor> { ["theta"] = ones(4) * next },
                    2,
                    []
                );
            writer.Append(Step(step));
            writer.Append(ExportFolders.Measured with { Step = step, GradientAlignment = 0.5 });
            writer.Append(new EventRecord(step, "peak", Loss: 0.5, Sharpness: 2));
        }
        writer.Append(new TimingRecord(steps, 1, 2, 3, 4, 5));
        writer.Append(new SessionRecord(DateTimeOffset.UnixEpoch, "ended", steps, 1));
        if (finish)
            writer.Finish(ExportFolders.Summary with { Steps = steps, Measurements = steps + 1 });
    }

    private static StepRecord Step(long step) => new(step, 0.5, 0.5, 2, 0.1);

    private Checkpoint? Latest(List<string>? skipped = null)
    {
        using var scope = NewDisposeScope();
        return Checkpoints.ReadLatest(_run, (skipped ?? []).Add);
    }

    private IReadOnlyList<string> Flaws() => RunReader.Open(_run.Path).Flaws();

    private static byte[] FirstLineLast(byte[] bytes)
    {
        var end = Array.IndexOf(bytes, (byte)'\n') + 1;
        return [.. bytes[end..], .. bytes[..end]];
    }

    private static byte[] Replaced(byte[] bytes, string text, string with)
    {
        var (whole, at) = (
            Encoding.UTF8.GetString(bytes),
            Encoding.UTF8.GetString(bytes).IndexOf(text, StringComparison.Ordinal)
        );
        return Encoding.UTF8.GetBytes($"{whole[..at]}{with}{whole[(at + text.Length)..]}");
    }
}
