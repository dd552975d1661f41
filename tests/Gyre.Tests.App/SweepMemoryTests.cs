using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>How many cells of a sweep run at a time, by the memory there is.</summary>
public class SweepMemoryTests
{
    private static readonly string[] Tiny =
    [
        "sweep",
        "quick",
        "--set",
        "data.samples=60",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=30",
        "--set",
        "curvature.pairs=2",
        "--set",
        "training.evaluate_every=0",
        "--set",
        "run.keep_checkpoints=0",
        "--set",
        "sweep.seeds=4",
        "--jobs",
        "2",
    ];

    [Theory]
    [InlineData("0.001", 1)]
    [InlineData("64", 2)]
    public void As_many_cells_run_at_a_time_as_fit_and_one_in_any_case(string gigabytes, int most)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, [.. Tiny, "--memory", gigabytes]);
        Assert.Equal((0, ""), (exitCode, error));
        var sweep = SweepReader.Open(folder["sweeps/quick"]);
        Assert.Equal((4, most), (sweep.ReadLog().Count(entry => entry.Kind == "done"), MostAtOnce(sweep)));
        Assert.Matches(
            most == 1
                ? @"with 1 at a time, although one alone needs more memory than is available, about 0\.\d GB each"
                : @"with 2 at a time, about 0\.\d GB each",
            output
        );
        Assert.Equal(most == 1, output.Contains("; memory, not --jobs, is the limit", StringComparison.Ordinal));
        Assert.All(
            SweepReader.ReadCalibrations(sweep.Folder).Values,
            probe => Assert.InRange(probe.PeakBytes, 50_000_000, 4_000_000_000)
        );
    }

    [Theory]
    [InlineData("0", "--memory: 0 is not a number of gigabytes above 0")]
    [InlineData("-2.5", "--memory: -2.5 is not a number of gigabytes above 0")]
    [InlineData("much", "--memory: much is not a number")]
    public void A_wrong_size_is_refused(string gigabytes, string said)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, [.. Tiny, "--memory", gigabytes]);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_job_of_a_cluster_is_given_its_memory_by_the_cluster()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, [.. Tiny, "--memory", "4", "--on", "slurm"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("--sbatch mem=4G", error, StringComparison.Ordinal);
    }

    private static int MostAtOnce(SweepReader sweep)
    {
        var (now, most) = (0, 0);
        foreach (var entry in sweep.ReadLog().Where(entry => entry.Cell is not null))
        {
            now += entry.Kind == "started" ? 1 : -1;
            most = Math.Max(most, now);
        }
        return most;
    }
}
