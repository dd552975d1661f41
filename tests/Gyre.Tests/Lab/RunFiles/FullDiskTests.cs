using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.RunFiles;

/// <summary>A full disk is one clear exception, and what was whole before stays whole.</summary>
public class FullDiskTests
{
    private const int Kilobytes = 256;

    private static RunFolder Make(SmallDisk disk)
    {
        var run = new RunFolder(disk["run"]);
        run.Create(SpecText.Write(SpecReader.Read("quick")), SampleRecords.Environment);
        return run;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_run_that_cannot_be_begun_leaves_no_folder(int pagesLeft)
    {
        using var disk = SmallDisk.Mount(Kilobytes);
        disk.Fill(pagesLeft);
        var error = Assert.Throws<RunFolderException>(() => Make(disk));
        Assert.Contains(disk["run"], error.Message, StringComparison.Ordinal);
        Assert.Contains("Free some space", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(disk["run"]));
        disk.Free();
        Assert.Equal(RunStatus.Unfinished, Make(disk).Status);
    }

    [Fact]
    public void A_line_that_does_not_fit_is_taken_back_and_writing_goes_on_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(Kilobytes);
        var run = Make(disk);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        writer.Append(SampleRecords.Step());
        disk.Fill();
        var written = 0;
        void Next() => writer.Append(SampleRecords.Step(++written));
        var error = Assert.Throws<RunFolderException>(() =>
        {
            for (var line = 0; line < 1000; line++)
                Next();
        });
        Assert.Contains("steps.jsonl", error.Message, StringComparison.Ordinal);
        Assert.Equal((byte)'\n', File.ReadAllBytes(run.Steps)[^1]);
        disk.Free();
        writer.Append(SampleRecords.Step(written));
        var reader = RunReader.Open(run.Path);
        Assert.Equal(
            Enumerable.Range(0, written + 1).Select(step => (long)step),
            reader.ReadSteps().Select(step => step.Step)
        );
        Assert.Empty(reader.Flaws());
    }

    [Fact]
    public void A_checkpoint_or_summary_that_does_not_fit_leaves_the_one_before_and_nothing_half_written()
    {
        using var disk = SmallDisk.Mount(Kilobytes);
        using var scope = NewDisposeScope();
        var run = Make(disk);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        writer.Append(SampleRecords.Step());
        var theta = new Dictionary<string, Tensor> { ["theta"] = ones(4096) };
        Checkpoints.Write(run, writer, 1, theta, keep: 1, []);
        disk.Fill();
        Assert.Contains(
            "resumes from the previous checkpoint",
            Assert.Throws<RunFolderException>(() => Checkpoints.Write(run, writer, 2, theta, keep: 1, [])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<RunFolderException>(() => writer.Finish(ExportFolders.Summary));
        Assert.Equal(RunStatus.Unfinished, run.Status);
        Assert.Equal(1, Checkpoints.ReadLatest(run, reason => Assert.Fail(reason))!.Step);
        Assert.Empty(Directory.GetFiles(run.Path, "*.tmp", SearchOption.AllDirectories));
        disk.Free();
        Checkpoints.Write(run, writer, 2, theta, keep: 1, []);
        Assert.Equal([2L], Checkpoints.Steps(run));
    }
}
