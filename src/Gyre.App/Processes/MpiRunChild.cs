using System.Diagnostics;
using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.App.Processes;

/// <summary><see cref="RunChild"/> as one of several ranks, which compute a run together.</summary>
internal static class MpiRunChild
{
    /// <summary>The option by which a parent says that a launcher has started several.</summary>
    public const string Option = "--mpi";

    /// <summary>
    /// The option that makes a child enter MPI only to end all ranks, with the exit code that follows.
    /// </summary>
    public const string AbortOption = "--abort";

    /// <summary>Exit code of a child that ended because another rank failed, which says why.</summary>
    public const int FailedElsewhereCode = 8;

    private static readonly TimeSpan PatienceWithoutParent = TimeSpan.FromSeconds(1);

    public static int Execute(string[] arguments, StopSignals signals)
    {
        if (arguments.Contains(AbortOption))
            return Abort(int.Parse(arguments[^1], CultureInfo.InvariantCulture));
        var folder = new RunFolder(arguments[^1]);
        var spec = SpecReader.ReadText(RunChild.ReadSpec());
        var parent = Parent();
        using var stop = RunChild.StopWithParent(signals, () => EndWithParent(parent));
        var process = MpiProcess.Find();
        RankGroup ranks;
        try
        {
            ranks = new RankGroup(Open(), TimeProvider.System);
        }
        catch (RankGroupException error)
        {
            if (process?.MayReport() == false)
                return FailedElsewhereCode;
            Console.Error.WriteLine(error.Message);
            return Exit.WrongInput;
        }
        try
        {
            var code = RunChild.CodeOf(
                Run.Execute(spec, folder, Environment.CommandLine, TimeProvider.System, stop.Token, ranks: ranks)
            );
            ranks.Dispose();
            return code;
        }
        catch (FailedElsewhereException)
        {
            ranks.Dispose();
            return FailedElsewhereCode;
        }
        catch (Exception error)
        {
            return Fail(error, ranks, process, arguments);
        }
    }

    /// <summary>Reports a failure where it is this rank's to report, and ends the other ranks.</summary>
    private static int Fail(Exception error, RankGroup ranks, MpiProcess? process, string[] arguments)
    {
        var agreed = ReferenceEquals(error, ranks.Agreed);
        if (!agreed && error is RankGroupException { Failed: true })
            Thread.Sleep(PatienceWithoutParent); // where it was a rank that has gone, its parent speaks first
        if (!agreed && process?.MayReport() == false)
            return FailedElsewhereCode;
        var code = Report(error, arguments);
        Console.Error.Flush();
        if (agreed)
            ranks.Dispose();
        else
            ranks.Abort(code); // the others wait for this rank's part and would wait for ever
        return code;
    }

    private static int Report(Exception error, string[] arguments)
    {
        if (RunChild.CodeOf(error) is not { } code)
            return Failure.Report(error, arguments);
        Console.Error.WriteLine(error.Message);
        return code;
    }

    private static int Abort(int exitCode)
    {
        Open().Abort(exitCode);
        return exitCode;
    }

    private static MpiLink Open() =>
        MpiLink.Open(
            Launcher.Find(Environment.GetEnvironmentVariable),
            Environment.GetEnvironmentVariable(Launcher.LibraryVariable)
        );

    /// <summary>
    /// A launcher that ends a job kills the parents, and may not know of their children. A child that computes hears
    /// that it is to stop, and ends when all ranks have; one that waits for a rank that has gone would wait for ever.
    /// Before the first step there is nothing to end in order.
    /// </summary>
    private static void EndWithParent(int parent)
    {
        while (true)
        {
            Thread.Sleep(100);
            if (
                (MpiLink.Entering || Parent() != parent)
                && MpiLink.InsideSince is not 0 and var since
                && TimeProvider.System.GetElapsedTime(since) > PatienceWithoutParent
            )
                Process.GetCurrentProcess().Kill();
        }
    }

    /// <summary>Process id of the parent now: another once it has died. 0 where the system does not say.</summary>
    private static int Parent()
    {
        try
        {
            var stat = File.ReadAllText("/proc/self/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            return 0;
        }
    }
}
