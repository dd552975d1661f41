using System.Diagnostics;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Clusters;

/// <summary>One run shared by the two nodes of a real Slurm, started by srun: the bytes of one process.</summary>
[Collection(SlurmTestGroup.Name)]
public sealed class SrunTests(SlurmCluster cluster) : IDisposable
{
    private static readonly string[] Spec =
    [
        "run",
        "quick",
        "--set",
        "data.samples=60",
        "--set",
        "objective.chunk=10",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=24",
        "--set",
        "threads=1",
        "--set",
        "curvature.pairs=2",
        "--set",
        "curvature.every=6",
        "--set",
        "run.checkpoint_every=7",
    ];

    private static readonly string[] Endless = [.. Spec, "--set", "training.steps=1000000"];

    private readonly TemporaryFolder _folder = new();

    /// <param name="mpi">The library.</param>
    /// <param name="interface">By which Slurm and the library know each other: Open MPI takes pmix alone, MPICH
    /// pmi2.</param>
    /// <param name="library">Its name among the run's facts.</param>
    [Theory]
    [InlineData(MpiSettings.OpenMpi, "pmix", "Open MPI")]
    [InlineData(MpiSettings.Mpich, "pmi2", "MPICH")]
    public void Two_nodes_end_with_the_bytes_of_one_process(string mpi, string @interface, string library)
    {
        MpiSettings.Require(mpi);
        cluster.Require();
        Assert.Equal(0, GyreProcess.Run([.. Spec, "--out", _folder["alone"]]).ExitCode);
        using var job = Start(@interface, [.. Spec, "--out", _folder["shared"]]);
        var (code, said, error) = job.End();
        Assert.True(code == 0, error + said);
        RunBytes.AssertSame(Run("alone"), Run("shared"));
        Assert.Contains($"\"mpi\": \"{library}", File.ReadAllText(Run("shared").Environment), StringComparison.Ordinal);
        Assert.All(RunReader.Open(Run("shared").Path).ReadSessions(), session => Assert.Equal(2, session.Ranks));
    }

    [Fact]
    public void A_rank_that_dies_on_another_node_ends_the_step_and_the_run_goes_on()
    {
        MpiSettings.Require(MpiSettings.OpenMpi);
        cluster.Require();
        using (var job = Start("pmix", [.. Endless, "--out", _folder["shared"]]))
        {
            SlurmCluster.Until(() => Lines() > 10, "the ranks have begun");
            GyreProcess.Signal(Second(), "KILL");
            var since = Stopwatch.StartNew();
            var (code, _, error) = job.End();
            // under one on a machine that does nothing else
            Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
            Assert.Equal(3, code);
            Assert.Contains("Rank 1 of 2", error, StringComparison.Ordinal);
            Assert.Matches("the same command resumes from the checkpoint of step [0-9]+", error);
        }
        var before = Lines();
        using var again = Start("pmix", [.. Endless, "--out", _folder["shared"]]);
        again.Wait("(resumes from the checkpoint)");
        SlurmCluster.Until(
            () => Lines() > before + 5 || !again.Running,
            "it goes on",
            () => again.Said() + cluster.Ask("squeue")
        );
        Assert.True(again.Running, again.Running ? "" : $"{again.End()}");
        GyreProcess.Signal(again.Id, "TERM");
        again.End(); // and with it the processes of both nodes
    }

    public void Dispose() => _folder.Dispose();

    private RunFolder Run(string name) => new(Directory.GetDirectories(_folder[name]).Single());

    private GyreProcess Start(string @interface, params string[] arguments) =>
        GyreProcess.StartUnder(
            ["srun", "-N", "2", "-n", "2", $"--mpi={@interface}"],
            new Dictionary<string, string>(MpiSettings.ThisMachineAlone.Concat(cluster.Environment)),
            arguments
        );

    /// <summary>The process of the second rank that computes.</summary>
    private int Second() =>
        int.Parse(
            cluster
                .Ask(
                    "bash",
                    "-c",
                    "for p in $(pgrep -f 'gyre[.]dll run-child'); do tr '\\0' '\\n' < /proc/$p/environ | "
                        + "grep -qx SLURM_PROCID=1 && echo $p && break; done"
                )
                .Trim(),
            System.Globalization.CultureInfo.InvariantCulture
        );

    private int Lines()
    {
        try
        {
            return File.ReadAllBytes(Run("shared").Steps).AsSpan().Count((byte)'\n');
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return 0; // no folder yet, or no file in it
        }
    }
}
