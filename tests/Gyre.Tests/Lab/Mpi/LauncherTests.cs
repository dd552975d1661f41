using Gyre.Lab.Mpi;

namespace Gyre.Tests.Lab.Mpi;

/// <summary>What launchers leave in the environment, as seen of each.</summary>
public class LauncherTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 PMIX_RANK=3", 4, 3, true)]
    [InlineData("PMI_SIZE=2 PMI_RANK=1 PMI_FD=7", 2, 1, false)]
    [InlineData("MV2_COMM_WORLD_SIZE=8 MV2_COMM_WORLD_RANK=0", 8, 0, false)]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_STEP_ID=0 PMIX_RANK=1", 2, 1, true)]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 SLURM_STEP_ID=0", 2, 0, null)]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_STEP_ID=0 PMI_SIZE=2 PMI_RANK=1", 2, 1, false)]
    [InlineData(
        "SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0 SLURM_STEP_ID=0 OMPI_COMM_WORLD_SIZE=3 OMPI_COMM_WORLD_RANK=2",
        3,
        2,
        true
    )] // mpirun inside a step
    public void A_launcher_is_known_by_what_it_leaves(string left, int count, int rank, bool? openMpi)
    {
        var found = Find(left)!;
        Assert.Equal((count, rank, openMpi), (found.Count, found.Rank, found.OpenMpi));
        Assert.True(found.Several);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_NTASKS=4 SLURM_JOB_ID=7 SLURM_PROCID=0")] // the batch script itself: nobody started four
    [InlineData("GYRE_MPI=libmpi.so.40")]
    [InlineData("PMIX_RANK=0")]
    public void A_process_that_nobody_started_as_one_of_several_is_alone(string left) => Assert.Null(Find(left));

    [Fact]
    public void One_process_under_a_launcher_is_alone_too() =>
        Assert.False(Find("OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0")!.Several);

    [Fact]
    public void A_launcher_that_does_not_say_how_many_is_asked_through_the_library_the_user_names()
    {
        var found = Find("PMIX_RANK=2 GYRE_MPI=libmpi.so.40")!;
        Assert.True(found is { Several: true, Rank: 2 });
        Assert.Null(found.Mismatch(17, "a library"));
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", "libmpi.so.40")]
    [InlineData("PMI_SIZE=4", "libmpich.so.12")]
    [InlineData("SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=0", "--mpi=pmix")]
    public void A_world_of_another_size_is_told_with_both_numbers_and_a_cure(string left, string cure)
    {
        var launcher = Find(left)!;
        Assert.Null(launcher.Mismatch(4, "a library"));
        var fault = launcher.Mismatch(1, "MPICH Version 4.0.2")!;
        Assert.Contains("4 processes", fault, StringComparison.Ordinal);
        Assert.Contains("MPICH Version 4.0.2 reports 1", fault, StringComparison.Ordinal);
        Assert.Contains(cure, fault, StringComparison.Ordinal);
    }

    private static Launcher? Find(string left)
    {
        var variables = left.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Split('='))
            .ToDictionary(one => one[0], one => one[1]);
        return Launcher.Find(variables.GetValueOrDefault);
    }
}
