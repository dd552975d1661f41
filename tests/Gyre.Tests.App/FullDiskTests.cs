using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>A disk without room, for real: a small file system in memory.</summary>
public class FullDiskTests
{
    private static readonly string[] Run =
    [
        "run",
        "quick",
        "--set",
        "training.steps=600",
        "--set",
        "data.samples=60",
        "--set",
        "run.checkpoint_every=20",
        "--set",
        "threads=1",
        "--out",
    ];

    [Fact]
    public void A_disk_too_small_for_a_run_is_refused_before_it_begins()
    {
        using var disk = SmallDisk.Mount(600);
        var (exitCode, _, error) = GyreProcess.Run([.. Run, disk["runs"]]);
        Assert.Equal(2, exitCode);
        Assert.Matches(@"run\.eigenvectors_mb: the run writes at least [\d.]+ MB, .* has \d+ kB of space", error);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [Fact]
    public void A_full_disk_is_a_clear_word_and_the_run_goes_on_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(80_000);
        string[] Folders() => Directory.Exists(disk["runs"]) ? Directory.GetDirectories(disk["runs"]) : [];
        using (var run = GyreProcess.Start([.. Run, disk["runs"]]))
        {
            Assert.True(
                SpinWait.SpinUntil(
                    () => !run.Running || Folders().Any(folder => File.Exists(new RunFolder(folder).Steps)),
                    TimeSpan.FromMinutes(1)
                ) && run.Running
            );
            disk.Fill();
            var (exitCode, _, error) = run.End();
            Assert.Equal(2, exitCode);
            Assert.Contains("space", error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.GetFiles(disk.Path, "*.tmp", SearchOption.AllDirectories));
        disk.Free();
        Assert.Equal(0, GyreProcess.Run([.. Run, disk["runs"]]).ExitCode);
        Assert.Equal(601, RunReader.Open(Folders().Single()).ReadSteps().Count);
    }
}
