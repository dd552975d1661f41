namespace Gyre.Tests.TestKit;

/// <summary>The two MPI libraries, on one machine.</summary>
public static class MpiSettings
{
    public const string OpenMpi = "openmpi";
    public const string Mpich = "mpich";

    /// <summary>
    /// Environment for root in a container, fewer processors than ranks, no network but the machine's own.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ThisMachineAlone { get; } =
        new Dictionary<string, string>
        {
            ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
            ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
            ["OMPI_MCA_rmaps_base_oversubscribe"] = "1",
            ["OMPI_MCA_hwloc_base_binding_policy"] = "none",
            ["OMPI_MCA_btl"] = "self,vader,tcp",
            ["OMPI_MCA_btl_tcp_if_include"] = "lo",
            ["OMPI_MCA_oob_tcp_if_include"] = "lo",
            ["MPICH_INTERFACE_HOSTNAME"] = "localhost",
            ["FI_PROVIDER"] = "tcp;sockets",
        };

    /// <summary>Skips the test where a library is not installed, or fails it where everything is required.</summary>
    public static void Require(string mpi)
    {
        var there =
            OperatingSystem.IsLinux()
            && (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':')
                .Any(folder => File.Exists(Path.Combine(folder, $"mpirun.{mpi}")));
        Assert.True(
            there || Environment.GetEnvironmentVariable("GYRE_REQUIRE_ALL") != "1",
            $"mpirun.{mpi} is required here and is not installed"
        );
        Assert.SkipUnless(there, $"mpirun.{mpi} is not installed");
    }
}
