using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`mpirun -np R gyre ...` of one of the two MPI libraries, on this machine and its loopback alone.</summary>
internal static class MpiJob
{
    public const string OpenMpi = MpiSettings.OpenMpi;
    public const string Mpich = MpiSettings.Mpich;

    /// <summary>Starts one, or skips the test where the library is not installed.</summary>
    public static GyreProcess Start(
        string mpi,
        int ranks,
        string[] arguments,
        params (string Name, string Value)[] environment
    )
    {
        MpiSettings.Require(mpi);
        return GyreProcess.StartUnder(
            [$"mpirun.{mpi}", "-np", ranks.ToString(System.Globalization.CultureInfo.InvariantCulture)],
            new Dictionary<string, string>(
                MpiSettings.ThisMachineAlone.Concat(environment.Select(one => KeyValuePair.Create(one.Name, one.Value)))
            ),
            arguments
        );
    }

    public static (int ExitCode, string Output, string Error) Run(
        string mpi,
        int ranks,
        string[] arguments,
        params (string Name, string Value)[] environment
    )
    {
        using var process = Start(mpi, ranks, arguments, environment);
        return process.End();
    }

    /// <summary>The process of a rank: the one that its launcher started, or the child of it that computes.</summary>
    public static int ProcessOf(GyreProcess job, int rank, bool child) =>
        job.Descendants()
            .First(process =>
            {
                var command = Lines(process, "cmdline");
                return command.Any(word => word.EndsWith("gyre.dll", StringComparison.Ordinal))
                    && command.Contains("run-child") == child
                    && Lines(process, "environ")
                        .Any(variable => variable == $"OMPI_COMM_WORLD_RANK={rank}" || variable == $"PMI_RANK={rank}");
            });

    private static string[] Lines(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}").Split('\0');
        }
        catch (IOException)
        {
            return []; // it has ended meanwhile
        }
    }
}
