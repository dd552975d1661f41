using System.Diagnostics;
using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.App.Processes;

/// <summary>The variant of <see cref="RunChild"/> for one of several ranks, which compute a run together.</summary>
internal static class MpiRunChild
{
    /// <summary>The option with which a parent indicates that a launcher started several processes.</summary>
    public const string Option = "--mpi";

    /// <summary>The option that makes a child enter MPI only to end all ranks with the given exit code.</summary>
    public const string AbortOption = "--abort";

    /// <summary>
    /// The exit code of a child that ended because another rank failed; that rank reports the reason.
    /// </summary>
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

    /// <summary>Reports a failure if this rank is the one to report it, and ends the other ranks.</summary>
    private static int Fail(Exception error, RankGroup ranks, MpiProcess? process, string[] arguments)
    {
        var agreed = ReferenceEquals(error, ranks.Agreed);
        if (!agreed && error is RankGroupException { Failed: true })
            Thread.Sleep(PatienceWithoutParent); // if a rank has died, its parent reports first
        if (!agreed && process?.MayReport() == false)
            return FailedElsewhereCode;
        var code = Report(error, arguments);
        Console.Error.Flush();
        if (agreed)
            ranks.Dispose();
        else
            ranks.Abort(code); // the others would wait forever for this rank's part
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
    /// Ends this process if its parent has died. A launcher that ends a job kills the parents, and may not know their
    /// children. A child that is computing receives the stop request and ends together with all ranks. A child that
    /// waits for a dead rank would wait forever, and is killed. Before the first step there is nothing to conclude.
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

    /// <summary>
    /// Returns the process id of the present parent, which changes when the parent dies; 0 if the system does not
    /// report it.
    /// </summary>
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
