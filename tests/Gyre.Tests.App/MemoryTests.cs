using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// Memory that does not suffice is a clear end of a run, and the run goes on with smaller chunks by the command that it
/// prints.
/// </summary>
public class MemoryTests
{
    /// <summary>
    /// Measured: a chunk of all samples takes more than this beside the program itself, a quarter of it less.
    /// </summary>
    private const int Kilobytes = 850_000;

    private static readonly string[] Sets =
    [
        "--set",
        "name=big",
        "--set",
        "data.name=two-moons",
        "--set",
        "data.samples=400000",
        "--set",
        "objective.chunk=400000",
        "--set",
        "model.widths=[64,64]",
        "--set",
        "training.steps=12",
        "--set",
        "training.learning_rate=0.1",
        "--set",
        "curvature.every=0",
        "--set",
        "threads=1",
        "--set",
        "run.checkpoint_every=1",
        "--set",
        "training.evaluate_every=0",
    ];

    [Fact]
    public void A_run_without_memory_ends_with_a_sentence_and_goes_on_by_the_command_in_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of memory is a shell's on Linux.");
        using var folder = new TemporaryFolder();
        Interrupt(["run", "quick", .. Sets, "--out", folder.Path]);
        var run = new RunFolder(Directory.GetDirectories(folder.Path).Single());
        var lines = File.ReadAllLines(run.Steps);
        var (exitCode, _, error) = GyreProcess.RunWithMemory(
            Kilobytes,
            ["run", "quick", .. Sets, "--out", folder.Path]
        );

        Assert.True(exitCode == 3, error);
        Assert.Contains(
            "The memory of this machine is not enough for the run: DefaultCPUAllocator",
            error,
            StringComparison.Ordinal
        );
        var step = Checkpoints.Steps(run)[0]; // memory may have sufficed for a step more
        Assert.Contains($"is complete up to the checkpoint of step {step}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("at Gyre.", error, StringComparison.Ordinal);
        var kept = Math.Min((int)step, lines.Length);
        Assert.Equal(lines[..kept], File.ReadAllLines(run.Steps)[..kept]);
        var reader = RunReader.Open(run.Path);
        Assert.Contains(reader.ReadSessions(), session => session.Kind == "out_of_memory" && session.Step == step);

        var command = error
            .Split('\n')
            .Single(line => line.Contains("gyre run", StringComparison.Ordinal))
            .Trim()
            .Split(": ")[0]
            .Split(' ');
        var (goesOn, output, words) = GyreProcess.RunWithMemory(Kilobytes, command[1..]);

        Assert.True(goesOn == 0, words + output);
        var child = RunReader.Open(Directory.GetDirectories(folder.Path).Single(path => path != run.Path));
        Assert.Equal(13, child.ReadSteps().Count);
        Assert.Equal(reader.ReadSteps().Take((int)step), child.ReadSteps().Take((int)step));
        Assert.Equal(step, child.ReadEvents().Single(happened => happened.Kind == "fork").Step);
    }

    [Fact]
    public void Data_or_a_network_that_does_not_fit_leaves_no_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of memory is a shell's on Linux.");
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = GyreProcess.RunWithMemory(
            Kilobytes,
            ["run", "quick", "--set", "model.widths=[20000,20000]", "--set", "threads=1", "--out", folder.Path]
        );
        Assert.True(exitCode == 3, error);
        Assert.Contains("Nothing was written", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static void Interrupt(string[] arguments)
    {
        using var process = GyreProcess.Start(arguments);
        var folder = arguments[^1];
        bool Kept()
        {
            Thread.Sleep(20); // a poll takes a processor from the run it waits for
            return !process.Running
                || Directory.GetDirectories(folder).Any(run => Checkpoints.Steps(new RunFolder(run)) is [> 1, ..]);
        }
        Assert.True(SpinWait.SpinUntil(Kept, TimeSpan.FromMinutes(5)), "the run wrote no checkpoint");
        GyreProcess.Signal(process.Id, "TERM");
        Assert.Equal(130, process.End().ExitCode);
    }
}
