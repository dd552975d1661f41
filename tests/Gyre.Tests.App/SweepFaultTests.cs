using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// Whatever happens to the processes or the disk of a sweep, the repeated command ends with the bytes of a sweep left
/// alone.
/// </summary>
public class SweepFaultTests(SweepFaultTests.Undisturbed alone) : IClassFixture<SweepFaultTests.Undisturbed>
{
    private const int Kills = 20;

    /// <summary>A busy machine takes its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Eight cells: three rates with two seeds, and the largest reduced.</summary>
    private static readonly string[] Sweep =
    [
        "sweep",
        "quick",
        "--jobs",
        "2",
        "--set",
        "threads=1",
        "--set",
        "data.samples=60",
        "--set",
        "data.subset=first",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=100",
        "--set",
        "curvature.pairs=2",
        "--set",
        "curvature.every=15",
        "--set",
        "run.checkpoint_every=7",
        "--set",
        "run.eigenvectors_mb=0",
        "--set",
        "training.evaluate_every=0",
        "--set",
        "sweep.seeds=2",
        "--set",
        "sweep.axes.training.learning_rate=[0.3,0.5,0.7]",
        "--set",
        "sweep.reductions=[{step=60,factor=0.4,parents=[0.7]}]",
        "--set",
        "sweep.retries=100",
    ];

    private static readonly string[] Victims = ["parent", "child", "both"];

    public sealed class Undisturbed : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Undisturbed() => Assert.Equal(0, GyreProcess.Run([.. Sweep, "--out", _folder.Path]).ExitCode);

        public string Path => _folder["quick"];

        public void Dispose() => _folder.Dispose();
    }

    [Fact]
    public void A_sweep_killed_again_and_again_ends_with_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(5);
        var landed = Victims.ToDictionary(victim => victim, _ => 0);
        GyreProcess? sweep = null;
        try
        {
            for (var attempt = 0; landed.Values.Sum() < Kills && attempt < 10 * Kills; attempt++)
            {
                sweep ??= GyreProcess.Start([.. Sweep, "--out", folder.Path]);
                SpinWait.SpinUntil(() => !sweep.Running, random.Next(100, 1800));
                var victim = Victims[random.Next(3)];
                if (Kill(sweep, victim, random))
                    landed[victim]++;
                if (sweep.Running)
                    continue;
                // A sweep that is done is begun anew, so that every kill falls into one that is going on.
                if (sweep.End().ExitCode == 0)
                {
                    SweepBytes.AssertSame(alone.Path, folder["quick"]);
                    Directory.Delete(folder["quick"], recursive: true);
                }
                sweep.Dispose();
                sweep = null;
            }
            TestContext.Current.TestOutputHelper?.WriteLine(
                string.Join(", ", landed.Select(pair => $"{pair.Key} {pair.Value}"))
            );
            Assert.Equal(Kills, landed.Values.Sum());
            Assert.All(landed.Values, count => Assert.True(count > 0));
            sweep ??= GyreProcess.Start([.. Sweep, "--out", folder.Path]);
            var (exitCode, _, error) = sweep.End();
            Assert.True(exitCode == 0, error);
            SweepBytes.AssertSame(alone.Path, folder["quick"]);
        }
        finally
        {
            sweep?.Dispose();
        }
    }

    [Fact]
    public void A_disk_without_room_for_what_is_left_of_a_sweep_is_refused_before_a_cell_begins()
    {
        using var disk = SmallDisk.Mount(40_000);
        CopyButTheLast(alone.Path, disk["quick"]);
        disk.Fill(pagesLeft: 150); // less than what its last cells take
        var begun = Begun(disk["quick"]).Length;
        var (exitCode, _, error) = GyreProcess.Run([.. Sweep, "--out", disk.Path]);
        Assert.Equal(2, exitCode);
        Assert.Matches(
            @"run\.keep_checkpoints: the 2 unfinished runs write at least [\d.]+ MB, .* has \d+ kB of space",
            error
        );
        Assert.Contains("same command", error, StringComparison.Ordinal);
        Assert.Equal(begun, Begun(disk["quick"]).Length);
        disk.Free();
        Assert.Equal(0, GyreProcess.Run([.. Sweep, "--out", disk.Path]).ExitCode);
        SweepBytes.AssertSame(alone.Path, disk["quick"]);
    }

    [Fact]
    public void A_disk_that_fills_up_stops_a_sweep_with_a_clear_word_and_it_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(40_000);
        CopyButTheLast(alone.Path, disk["quick"]);
        using (var sweep = GyreProcess.Start([.. Sweep, "--out", disk.Path]))
        {
            Assert.True(
                SpinWait.SpinUntil(
                    () =>
                        !sweep.Running
                        || Begun(disk["quick"])
                            .Any(cell => cell.Status == RunStatus.Unfinished && File.Exists(cell.Steps)),
                    Patience
                ) && sweep.Running
            );
            disk.Fill();
            var (exitCode, _, error) = sweep.End();
            Assert.Equal(2, exitCode);
            Assert.Contains("space", error, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("same command", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
        Assert.Contains(SweepReader.Open(disk["quick"]).ReadCells(), cell => cell.Status != RunStatus.Finished);
        disk.Free();
        Assert.Equal(0, GyreProcess.Run([.. Sweep, "--out", disk.Path]).ExitCode);
        SweepBytes.AssertSame(alone.Path, disk["quick"]);
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_for_the_one_before_and_that_is_noted()
    {
        using var folder = new TemporaryFolder();
        CopyButTheLast(alone.Path, folder["quick"]);
        using (var sweep = GyreProcess.Start([.. Sweep, "--out", folder.Path]))
        {
            Assert.True(
                SpinWait.SpinUntil(
                    () =>
                        !sweep.Running
                        || Begun(folder["quick"])
                            .Any(cell => cell.Status == RunStatus.Unfinished && Checkpoints.Steps(cell).Count >= 2),
                    Patience
                ) && sweep.Running
            );
            GyreProcess.Signal(sweep.Id, "INT");
            Assert.Equal(130, sweep.End().ExitCode);
        }
        var open = Begun(folder["quick"])
            .Where(cell => cell.Status == RunStatus.Unfinished && Checkpoints.Steps(cell).Count >= 2)
            .ToArray();
        Assert.NotEmpty(open);
        foreach (var cell in open)
        {
            var latest = Checkpoints.PathOf(cell, Checkpoints.Steps(cell)[0]);
            var bytes = File.ReadAllBytes(latest);
            bytes[^5] ^= 0x10;
            File.WriteAllBytes(latest, bytes);
        }
        Assert.Equal(0, GyreProcess.Run([.. Sweep, "--out", folder.Path]).ExitCode);
        SweepBytes.AssertSame(alone.Path, folder["quick"]);
        Assert.All(
            open,
            cell =>
                Assert.Contains(
                    RunReader.Open(cell.Path).ReadSessions(),
                    session =>
                        session.Kind == "skipped" && session.Detail!.Contains("checksum", StringComparison.Ordinal)
                )
        );
    }

    [Fact]
    public void A_torn_plan_and_torn_lines_are_mended_by_the_same_command_and_newer_formats_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Copy(alone.Path, folder["quick"]);
        var sweep = new SweepFolder(folder["quick"]);
        File.WriteAllBytes(sweep.Plan, File.ReadAllBytes(sweep.Plan)[..100]);
        File.AppendAllText(sweep.Calibrations, "{\"id\":\"x\",\"sharp");
        File.AppendAllText(sweep.Log, "{\"time\":\"20");
        Assert.Equal(0, GyreProcess.Run([.. Sweep, "--out", folder.Path]).ExitCode);
        SweepBytes.AssertSame(alone.Path, sweep.Path);
        Assert.Equal(8, SweepReader.Open(sweep.Path).ReadLog().Count(entry => entry.Kind == "started"));
        var cell = Begun(sweep.Path)[0];
        foreach (
            var (file, newer) in new[]
            {
                (cell.Spec, "format = 2\n" + File.ReadAllText(cell.Spec)),
                (sweep.Plan, "{\"format\":2}"),
            }
        )
        {
            File.WriteAllText(file, newer);
            var (exitCode, _, error) = GyreProcess.Run([.. Sweep, "--out", folder.Path]);
            Assert.Equal(2, exitCode);
            Assert.Contains($"{Path.GetDirectoryName(file)} has format 2", error, StringComparison.Ordinal);
            Assert.Equal(newer, File.ReadAllText(file));
        }
    }

    /// <summary>
    /// Whether it fell into work that was going on: the victims were alive, and cells or measurements were in their
    /// hands.
    /// </summary>
    private static bool Kill(GyreProcess sweep, string victim, Random random)
    {
        var children = sweep.Children();
        if (!sweep.Running || children.Count == 0)
            return false;
        if (victim != "child")
            GyreProcess.Signal(sweep.Id, "KILL");
        if (victim == "child")
            GyreProcess.Signal(children[random.Next(children.Count)], "KILL");
        else if (victim == "both")
        {
            foreach (var child in children)
                GyreProcess.Signal(child, "KILL");
        }
        if (victim != "child")
            sweep.End();
        return true;
    }

    private static RunFolder[] Begun(string sweep) =>
        Directory.Exists(Path.Combine(sweep, "cells"))
            ?
            [
                .. Directory
                    .GetDirectories(Path.Combine(sweep, "cells"))
                    .Select(path => new RunFolder(path))
                    .Where(cell => cell.Status != RunStatus.Missing),
            ]
            : [];

    /// <summary>A sweep that lacks its last parent and that one's fork.</summary>
    private static void CopyButTheLast(string from, string to)
    {
        Copy(from, to);
        foreach (var cell in SweepReader.Open(to).Plan.Cells[^2..])
            Directory.Delete(new SweepFolder(to).Cell(cell.Folder).Path, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
