using CsCheck;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.RunFiles;

public class RunFolderTests
{
    private static RunFolder Make(TemporaryFolder folder)
    {
        var run = new RunFolder(folder["run"]);
        run.Create(SpecText.Write(SpecReader.Read("quick")), SampleRecords.Environment);
        return run;
    }

    [Fact]
    public void Records_read_back_as_they_were_written_and_numbers_that_are_not_finite_as_nan() =>
        Gen.Select(Gen.Int, Gen.Double, Gen.Double, Gen.Double.Array[0, 5])
            .Sample(
                (step, loss, norm, values) =>
                {
                    var record = new StepRecord(step, loss, 0.5, norm, 0.1, null, 0.25);
                    var again = RunJson.Read<StepRecord>(RunJson.ToLine(record))!;
                    Assert.Equal(double.IsFinite(loss) ? loss : double.NaN, again.Loss);
                    Assert.Equal((step, 0.25, (double?)null), (again.Step, again.TestAccuracy!.Value, again.TestLoss));
                    var summary = RunJson.Read<RotationRecord>(RunJson.ToLine(Rotation(values)));
                    Assert.Equal(
                        values.Select(value => double.IsFinite(value) ? value : double.NaN),
                        summary!.Similarity
                    );
                }
            );

    [Fact]
    public void A_line_torn_at_any_byte_is_left_out_by_readers_and_cut_off_by_the_next_writer()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        using (var writer = new RunWriter(run, new Dictionary<string, long>()))
        {
            writer.Append(SampleRecords.Step(0, 1.5));
            writer.Append(new TimingRecord(0, 1, 2, 3, 4, 5));
            writer.Append(new TimingRecord(1, 1, 2, 3, 4, 5));
        }
        var whole = File.ReadAllBytes(run.Timings);
        var first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = first; length < whole.Length; length++)
        {
            File.WriteAllBytes(run.Timings, whole[..length]);
            Assert.Single(RunReader.Open(run.Path).ReadTimings());
            new RunWriter(run, new Dictionary<string, long>()).Dispose();
            Assert.Equal(first, new FileInfo(run.Timings).Length);
        }
    }

    [Fact]
    public void A_writer_cuts_replayed_files_to_what_a_checkpoint_remembers()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        IReadOnlyDictionary<string, long> lengths;
        using (var writer = new RunWriter(run, new Dictionary<string, long>()))
        {
            writer.Append(SampleRecords.Step());
            lengths = writer.Lengths;
            writer.Append(SampleRecords.Step(1));
            writer.Append(new EventRecord(1, "onset"));
        }
        using (new RunWriter(run, lengths)) { }
        Assert.Equal([0L], RunReader.Open(run.Path).ReadSteps().Select(step => step.Step));
        Assert.Empty(RunReader.Open(run.Path).ReadEvents());
    }

    [Fact]
    public void A_tail_gives_each_record_once_and_survives_a_cut()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        var tail = new JsonLinesTail<StepRecord>(run.Steps);
        Assert.Empty(tail.Poll());
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        writer.Append(SampleRecords.Step());
        writer.Append(SampleRecords.Step(1));
        Assert.Equal(2, tail.Poll().Count);
        Assert.Empty(tail.Poll());
        writer.Append(SampleRecords.Step(2));
        Assert.Equal(2, Assert.Single(tail.Poll()).Step);
        File.AppendAllText(run.Steps, "not json\n");
        Assert.Empty(tail.Poll());
        Assert.Equal(1, tail.Unreadable);
    }

    [Fact]
    public void The_latest_whole_checkpoint_is_found_and_a_damaged_one_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var run = Make(folder);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        foreach (var step in new[] { 5, 10, 15 })
            Checkpoints.Write(
                run,
                writer,
                step,
                new Dictionary<string, Tensor> { ["theta"] = ones(6) * step },
                keep: 2,
                []
            );
        Assert.Equal([15L, 10L], Checkpoints.Steps(run));
        Assert.Equal(15, Checkpoints.ReadLatest(run, _ => { })!.Step);
        var bytes = File.ReadAllBytes(Checkpoints.PathOf(run, 15));
        bytes[^3] ^= 0x40; // a flipped bit in a number, which the format itself cannot tell
        File.WriteAllBytes(Checkpoints.PathOf(run, 15), bytes);
        var skipped = new List<string>();
        var found = Checkpoints.ReadLatest(run, skipped.Add)!;
        Assert.Equal(10, found.Step);
        Assert.Equal(10f, found.Tensors["theta"][0].item<float>());
        Assert.Contains("checksum", Assert.Single(skipped), StringComparison.Ordinal);
        File.WriteAllBytes(Checkpoints.PathOf(run, 10), bytes[..20]);
        Assert.Null(Checkpoints.ReadLatest(run, _ => { }));
    }

    [Fact]
    public void A_checkpoint_of_a_step_that_was_undone_never_pushes_out_the_one_just_written()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var run = Make(folder);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        foreach (var step in new[] { 10, 20 })
            Checkpoints.Write(run, writer, step, new Dictionary<string, Tensor> { ["theta"] = ones(6) }, keep: 2, []);
        File.WriteAllText(Checkpoints.PathOf(run, 20), "damaged");
        Assert.Equal(10, Checkpoints.ReadLatest(run, _ => { })!.Step);
        Checkpoints.Write(run, writer, 15, new Dictionary<string, Tensor> { ["theta"] = ones(6) }, keep: 1, []);
        Assert.Equal([15L], Checkpoints.Steps(run));
    }

    [Theory]
    [InlineData("steps", "stops")]
    [InlineData("\"bytes.steps.jsonl\":\"0\"", "\"bytes.steps.jsonl\":\"x\"")]
    [InlineData("\"bytes.events.jsonl\":\"0\"", "\"bytes.events.jsonl\":\"1\"")]
    [InlineData("\"step\":\"10\"", "\"step\":\"11\"")]
    public void A_checkpoint_whose_words_are_damaged_is_passed_over(string whole, string damaged)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var run = Make(folder);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        Checkpoints.Write(run, writer, 10, new Dictionary<string, Tensor> { ["theta"] = ones(6) }, keep: 2, []);
        var path = Checkpoints.PathOf(run, 10);
        var text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path));
        Assert.Contains(whole, text, StringComparison.Ordinal);
        File.WriteAllBytes(
            path,
            System.Text.Encoding.Latin1.GetBytes(text.Replace(whole, damaged, StringComparison.Ordinal))
        );
        var skipped = new List<string>();
        Assert.Null(Checkpoints.ReadLatest(run, skipped.Add));
        Assert.Single(skipped);
    }

    [Fact]
    public void A_checkpoint_ahead_of_a_file_that_lost_lines_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var run = Make(folder);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        Checkpoints.Write(run, writer, 0, new Dictionary<string, Tensor> { ["theta"] = ones(6) }, keep: 2, []);
        writer.Append(SampleRecords.Step());
        Checkpoints.Write(run, writer, 1, new Dictionary<string, Tensor> { ["theta"] = ones(6) }, keep: 2, []);
        Assert.Equal(new FileInfo(run.Steps).Length, Checkpoints.ReadLatest(run, _ => { })!.Lengths["steps.jsonl"]);
        File.WriteAllText(run.Steps, "");
        var skipped = new List<string>();
        Assert.Equal(0, Checkpoints.ReadLatest(run, skipped.Add)!.Step);
        Assert.Contains("shorter", Assert.Single(skipped), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_the_system_refuses_is_one_clear_sentence()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc needs Linux");
        var error = Assert.Throws<RunFolderException>(() =>
            new RunFolder("/proc/gyre/run").Create("format = 1\n", SampleRecords.Environment)
        );
        Assert.Contains("/proc/gyre/run cannot be used", error.Message, StringComparison.Ordinal);
        Assert.Contains("permission", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_writer_holds_the_lock_and_its_end_frees_it()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        using (RunLock.Take(run))
        {
            Assert.True(RunLock.IsHeld(run));
            Assert.Contains(
                "Another process",
                Assert.Throws<RunFolderException>(() => RunLock.Take(run)).Message,
                StringComparison.Ordinal
            );
        }
        Assert.False(RunLock.IsHeld(run));
        RunLock.Take(run).Dispose();
    }

    [Fact]
    public void A_lock_that_leads_elsewhere_is_refused_and_nothing_is_made_there()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        File.Delete(run.Lock);
        File.CreateSymbolicLink(run.Lock, folder["elsewhere"]);

        Assert.Contains(
            "is a link to",
            Assert.Throws<RunFolderException>(() => RunLock.Take(run)).Message,
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(folder["elsewhere"]));
    }

    [Fact]
    public void Folders_that_are_not_runs_or_of_a_newer_format_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "no spec.toml",
            Assert.Throws<RunFolderException>(() => RunReader.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"There is no folder {folder["nowhere"]}",
            Assert.Throws<RunFolderException>(() => RunReader.Open(folder["nowhere"])).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(folder["spec.toml"], "format = 7\nname = \"future\"\n");
        Assert.Contains(
            "format 7",
            Assert.Throws<RunFolderException>(() => RunReader.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(folder["file"], "");
        Assert.Contains(
            "is a file",
            Assert
                .Throws<RunFolderException>(() =>
                    new RunFolder(folder["file"]).Create("format = 1\n", SampleRecords.Environment)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_killed_writer_leaves_no_half_written_file_behind()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        File.WriteAllText(Path.Combine(run.Checkpoints, ".step-000005.safetensors.0.tmp"), "half");
        File.WriteAllText(run.Summary + ".999999999.tmp", "half");
        new RunWriter(run, new Dictionary<string, long>()).Dispose();
        Assert.Empty(Directory.GetFiles(run.Path, "*.tmp", SearchOption.AllDirectories));
    }

    private static RotationRecord Rotation(double[] values) =>
        new(1, 0.5, 0.4, 0.6, 0.5, 0.01, values, values, values, values, [0], values);
}
