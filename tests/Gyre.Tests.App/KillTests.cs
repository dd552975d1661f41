using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// Exact resume: whatever moment a run is killed at, the repeated command ends with the bytes of a run left alone.
/// 20 kills; GYRE_KILLS=1000 makes it as many, at other moments (CONTRIBUTING.md).
/// </summary>
public class KillTests
{
    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("GYRE_KILLS") ?? "20",
        CultureInfo.InvariantCulture
    );

    /// <summary>
    /// Small and quick, but with bursts, a change of step size and instabilities, and checkpoints that fall inside and
    /// between bursts.
    /// </summary>
    private static readonly string[] Sets =
    [
        "--set",
        "data.samples=60",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=150",
        "--set",
        "training.learning_rate=0.7",
        "--set",
        "threads=1",
        "--set",
        "training.schedule=[{step=90,learning_rate=0.5}]",
        "--set",
        "curvature.pairs=2",
        "--set",
        "curvature.every=15",
        "--set",
        "curvature.resolve=true",
        "--set",
        "curvature.self_stabilisation=true",
        "--set",
        "run.checkpoint_every=7",
        "--set",
        "data.subset=first",
        "--set",
        "training.evaluate_every=0",
    ];

    /// <summary>As long as no machine is quick enough to end it before a test has disturbed it.</summary>
    private static readonly string[] Long = [.. Sets, "--set", "training.steps=1000000"];

    [Fact]
    public void A_run_killed_again_and_again_ends_with_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var (alone, killed) = (folder["alone"], folder["killed"]);
        Assert.Equal(0, GyreProcess.Run(["run", "quick", .. Sets, "--out", alone]).ExitCode);
        var random = new Random(11);
        var landed = 0;
        // A finished run is begun anew, so that every kill falls into a run that is going on.
        for (var attempt = 0; landed < Kills && attempt < 4 * Kills; attempt++)
        {
            using var process = GyreProcess.Start(["run", "quick", .. Sets, "--out", killed]);
            landed += KillAfter(process, killed, random.Next(1, 60), random) ? 1 : 0;
            if (Directory.Exists(killed) && Folder(killed).Status == RunStatus.Finished)
            {
                AssertSameBytes(alone, killed);
                Directory.Delete(killed, recursive: true);
            }
        }
        Assert.Equal(Kills, landed);
        Assert.Equal(0, GyreProcess.Run(["run", "quick", .. Sets, "--out", killed]).ExitCode);
        AssertSameBytes(alone, killed);
    }

    [Fact]
    public void A_killed_child_is_reported_with_its_reason_and_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        string[] longer = [.. Sets, "--set", "training.steps=700"];
        using var process = GyreProcess.Start(["run", "quick", .. longer, "--out", folder.Path]);
        WaitForLines(process, folder.Path, 20);
        foreach (var child in process.Children())
            GyreProcess.Signal(child, "KILL");
        var (exitCode, _, error) = process.End();
        Assert.Equal(3, exitCode);
        Assert.Contains("SIGKILL", error, StringComparison.Ordinal);
        Assert.Contains("the same command", error, StringComparison.Ordinal);
        Assert.Contains(RunReader.Open(Folder(folder.Path).Path).ReadSessions(), session => session.Kind == "failed");
        Assert.Equal(0, GyreProcess.Run(["run", "quick", .. longer, "--out", folder.Path]).ExitCode);
        Assert.Contains(RunReader.Open(Folder(folder.Path).Path).ReadSessions(), session => session.Kind == "resumed");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void An_interrupted_run_writes_a_checkpoint_and_says_how_to_go_on(string signal)
    {
        using var folder = new TemporaryFolder();
        using var process = GyreProcess.Start(["run", "quick", .. Long, "--out", folder.Path]);
        WaitForLines(process, folder.Path, 10);
        GyreProcess.Signal(process.Id, signal);
        var (exitCode, _, error) = process.End();
        Assert.Equal(130, exitCode);
        Assert.Contains("the same command resumes", error, StringComparison.Ordinal);
        var run = RunReader.Open(Folder(folder.Path).Path);
        Assert.Equal("interrupted", run.ReadSessions()[^1].Kind);
        Assert.Equal(run.ReadSteps()[^1].Step + 1, Checkpoints.Steps(run.Folder)[0]);
    }

    [Fact]
    public void A_second_interruption_ends_a_run_whose_process_does_not_stop()
    {
        using var folder = new TemporaryFolder();
        using var process = GyreProcess.Start(["run", "quick", .. Long, "--out", folder.Path]);
        WaitForLines(process, folder.Path, 10);
        var children = process.Children().ToArray();
        foreach (var child in children)
            GyreProcess.Signal(child, "STOP");
        var requests = new FileInfo($"/proc/{Assert.Single(children)}/fd/0").LinkTarget!;
        GyreProcess.Signal(process.Id, "INT");
        Assert.True(SpinWait.SpinUntil(() => !HasOpen(process.Id, requests), TimeSpan.FromMinutes(1)));
        Assert.True(process.Running); // it has passed the first request on, and waits
        GyreProcess.Signal(process.Id, "INT");
        var (exitCode, _, error) = process.End();
        Assert.Equal(130, exitCode);
        Assert.Contains("Interrupted", error, StringComparison.Ordinal);
        Assert.All(children, child => Assert.False(Directory.Exists($"/proc/{child}")));
    }

    /// <summary>Whether a process holds an end of a pipe: a child is asked to stop by closing its input.</summary>
    private static bool HasOpen(int process, string pipe) =>
        Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == pipe);

    [Fact]
    public void A_child_whose_parent_dies_stops_at_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        using var process = GyreProcess.Start(["run", "quick", .. Long, "--out", folder.Path]);
        WaitForLines(process, folder.Path, 10);
        GyreProcess.Signal(process.Id, "KILL");
        process.End();
        var run = Folder(folder.Path);
        SpinWait.SpinUntil(() => !RunLock.IsHeld(run), TimeSpan.FromSeconds(60));
        Assert.Equal("interrupted", RunReader.Open(run.Path).ReadSessions()[^1].Kind);
    }

    [Fact]
    public void A_second_process_on_the_same_run_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var first = GyreProcess.Start(["run", "quick", .. Long, "--out", folder.Path]);
        WaitForLines(first, folder.Path, 5);
        var (exitCode, _, error) = GyreProcess.Run(["run", "quick", .. Long, "--out", folder.Path]);
        Assert.Equal(2, exitCode);
        Assert.Contains("Another process", error, StringComparison.Ordinal);
        Assert.True(first.Running);
    }

    /// <summary>Waits for a number of lines, or a random moment of the child's start, then kills the child.</summary>
    private static bool KillAfter(GyreProcess process, string runs, int lines, Random random)
    {
        var had = Lines(runs);
        if (random.Next(5) == 0)
        {
            SpinWait.SpinUntil(() => !process.Running || process.Children().Count > 0, TimeSpan.FromSeconds(60));
            SpinWait.SpinUntil(() => !process.Running, TimeSpan.FromMilliseconds(random.Next(900)));
        }
        else
            SpinWait.SpinUntil(() => !process.Running || Lines(runs) >= had + lines, TimeSpan.FromSeconds(60));
        var children = process.Children();
        if (!process.Running || children.Count == 0)
        {
            process.End();
            return false;
        }
        foreach (var child in children)
            GyreProcess.Signal(child, "KILL");
        return process.End().ExitCode == 3;
    }

    private static void WaitForLines(GyreProcess process, string runs, int lines) =>
        Assert.True(
            SpinWait.SpinUntil(() => !process.Running || Lines(runs) >= lines, TimeSpan.FromSeconds(60))
                && process.Running,
            "the run ended before it could be disturbed"
        );

    /// <summary>
    /// Whole lines of its steps; bytes are counted, since a poll that parses takes a processor from the run it waits
    /// for.
    /// </summary>
    private static int Lines(string runs)
    {
        try
        {
            return File.ReadAllBytes(Folder(runs).Steps).AsSpan().Count((byte)'\n');
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return 0; // no folder yet, or no file in it
        }
    }

    private static RunFolder Folder(string runs) => new(Directory.GetDirectories(runs).Single());

    private static void AssertSameBytes(string expected, string actual)
    {
        foreach (var name in new[] { "steps.jsonl", "curvature.jsonl", "events.jsonl", "summary.json", "spec.toml" })
        {
            Assert.Equal(
                File.ReadAllText(Path.Combine(Folder(expected).Path, name)),
                File.ReadAllText(Path.Combine(Folder(actual).Path, name))
            );
        }
        foreach (var file in Directory.GetFiles(Folder(expected).Eigenvectors))
            Assert.Equal(
                File.ReadAllBytes(file),
                File.ReadAllBytes(Path.Combine(Folder(actual).Eigenvectors, Path.GetFileName(file)))
            );
    }
}
