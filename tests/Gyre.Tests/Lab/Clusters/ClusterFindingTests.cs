using Gyre.Lab.Clusters;
using Gyre.Lab.Mpi;
using Gyre.Torch;

namespace Gyre.Tests.Lab.Clusters;

/// <summary>What the doctor says of Slurm and of MPI.</summary>
public class ClusterFindingTests
{
    [Fact]
    public void A_controller_that_does_not_answer_is_a_warning_in_its_own_words_and_no_Slurm_is_none()
    {
        var slurm = new FakeSlurm();
        slurm.Queue["7_0"] = "RUNNING|None|node1";
        Assert.Equal(
            (FindingSeverity.Ok, "slurm-wlm 22.05.8; tasks of arrays of this user in the queue: 1"),
            Facts(SlurmFinding.Create(slurm.Slurm, here: true))
        );
        slurm.Silent = true;
        var silent = SlurmFinding.Create(slurm.Slurm, here: true);
        Assert.Equal(
            (
                FindingSeverity.Warning,
                "its commands are available, but its controller does not answer: slurm_load_jobs error: Unable to "
                    + "contact slurm controller (connect failure)"
            ),
            Facts(silent)
        );
        Assert.NotNull(silent.Cure);
        Assert.Equal(FindingSeverity.Ok, SlurmFinding.Create(slurm.Slurm, here: false).Severity);
    }

    [Fact]
    public void A_library_of_MPI_that_is_named_and_not_there_is_a_warning_and_so_is_a_launcher_without_one()
    {
        Assert.Equal(FindingSeverity.Ok, MpiFinding.Create(_ => null).Severity);
        var named = MpiFinding.Create(name => name == "GYRE_MPI" ? "libnothing.so.7" : null);
        Assert.Equal(
            (FindingSeverity.Warning, "GYRE_MPI=libnothing.so.7 is not an MPI library that can be opened"),
            Facts(named)
        );
        var started = MpiFinding.Create(name =>
            name switch
            {
                "GYRE_MPI" => "libnothing.so.7",
                "OMPI_COMM_WORLD_SIZE" => "2",
                "OMPI_COMM_WORLD_RANK" => "1",
                _ => null,
            }
        );
        Assert.Equal(
            (
                FindingSeverity.Warning,
                "no usable library; Open MPI's mpirun started 2 processes, this is the one of rank 1"
            ),
            Facts(started)
        );
        Assert.Contains("libnothing.so.7", started.Cure, StringComparison.Ordinal);
    }

    private static (FindingSeverity, string) Facts(EngineFinding finding) => (finding.Severity, finding.Fact);
}
