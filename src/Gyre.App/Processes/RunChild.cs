using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gyre.App.Terminal;
using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Processes;

/// <summary>
/// The child's side of <see cref="ChildRun"/>: reads the spec from standard input, runs it, and stops when the input
/// closes.
/// </summary>
internal static class RunChild
{
    public const string Name = "run-child";

    /// <summary>The option by which a parent says that a launcher has started several.</summary>
    public const string SharedOption = "--mpi";

    /// <summary>
    /// The option that makes a child enter MPI only to end all ranks, with the exit code that follows.
    /// </summary>
    public const string AbortOption = "--abort";

    /// <summary>Exit code of a child that ended because another rank failed, which says why.</summary>
    public const int FailedElsewhereCode = 8;

    private static readonly TimeSpan PatienceWithoutParent = TimeSpan.FromSeconds(1);

    public static int Execute(string[] arguments)
    {
        if (arguments.Contains(AbortOption))
            return Abort(int.Parse(arguments[^1], CultureInfo.InvariantCulture));
        var folder = new RunFolder(arguments[^1]);
        var earlier = Array.IndexOf(arguments, ChildRun.After) is var at and >= 0
            ? new RunFolder(arguments[at + 1])
            : null;
        var spec = SpecReader.ReadText(ReadSpec());
        var shared = arguments.Contains(SharedOption);
        using var stop = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        var parent = Parent();
        new Thread(() => StopWithTheParent(stop, shared, parent)) { IsBackground = true, Name = "parent" }.Start();
        if (shared)
            return Shared(spec, folder, arguments, stop.Token);
        try
        {
            return CodeOf(Run.Execute(spec, folder, Environment.CommandLine, TimeProvider.System, stop.Token, earlier));
        }
        catch (RunFolderException error)
        {
            return Say(error);
        }
        catch (RunMemoryException error)
        {
            return Say(error);
        }
    }

    private static int Shared(RunSpec spec, RunFolder folder, string[] arguments, CancellationToken stop)
    {
        var seat = RankSeat.Find();
        RankGroup ranks;
        try
        {
            ranks = new RankGroup(
                MpiLink.Open(
                    Launcher.Find(Environment.GetEnvironmentVariable),
                    Environment.GetEnvironmentVariable(Launcher.LibraryVariable)
                ),
                TimeProvider.System
            );
        }
        catch (RankGroupException error)
        {
            if (!seat.MaySpeak())
                return FailedElsewhereCode;
            Console.Error.WriteLine(error.Message);
            return Exit.WrongInput;
        }
        try
        {
            var code = CodeOf(
                Run.Execute(spec, folder, Environment.CommandLine, TimeProvider.System, stop, ranks: ranks)
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
            var agreed = ReferenceEquals(error, ranks.Agreed);
            if (!agreed && error is RankGroupException { Failed: true })
                Thread.Sleep(PatienceWithoutParent); // where it was a rank that has gone, its parent speaks first
            if (!agreed && !seat.MaySpeak())
                return FailedElsewhereCode;
            var code = error switch
            {
                RunFolderException unusable => Say(unusable),
                RunMemoryException full => Say(full),
                _ => Failure.Report(error, arguments),
            };
            Console.Error.Flush();
            if (agreed)
                ranks.Dispose();
            else
                ranks.Abort(code); // the others wait for this rank's part and would wait for ever
            return code;
        }
    }

    private static int Abort(int exitCode)
    {
        MpiLink
            .Open(
                Launcher.Find(Environment.GetEnvironmentVariable),
                Environment.GetEnvironmentVariable(Launcher.LibraryVariable)
            )
            .Abort(exitCode);
        return exitCode;
    }

    private static int CodeOf(RunEnd end) => end == RunEnd.Done ? Exit.Done : Exit.Interrupted;

    private static int Say(RunFolderException error)
    {
        Console.Error.WriteLine(error.Message);
        return error.Busy ? SweepRunner.FolderBusyCode : SweepRunner.FolderUnusableCode;
    }

    private static int Say(RunMemoryException error)
    {
        Console.Error.WriteLine(error.Message);
        return RunMemoryException.ChildExitCode;
    }

    public static string ReadSpec()
    {
        var text = new StringBuilder();
        while (Console.In.ReadLine() is { } line && line != ChildRun.EndOfSpec)
            text.Append(line).Append('\n');
        return text.ToString();
    }

    private static void StopWithTheParent(CancellationTokenSource stop, bool shared, int parent)
    {
        while (Console.In.Read() >= 0) { }
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run was over first.
        }
        if (shared)
            EndWithTheParent(parent);
    }

    /// <summary>
    /// A launcher that ends a job kills the parents, and may not know of their children. A child that computes hears
    /// that it is to stop, and ends when all ranks have; one that waits for a rank that has gone would wait for ever.
    /// Before the first step there is nothing to end in order.
    /// </summary>
    private static void EndWithTheParent(int parent)
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
