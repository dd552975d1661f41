using System.Runtime.InteropServices;
using System.Text;
using Gyre.Lab.Experiments;
using Gyre.Lab.Experiments.Sweeps;
using Gyre.Lab.Runs;

namespace Gyre.App.Commands;

/// <summary>The child's side of <see cref="ChildRun"/>: reads the spec from standard input, runs it, and stops when the input closes.</summary>
internal static class RunChild
{
    public const string Name = "run-child";

    public static int Execute(string[] arguments)
    {
        var folder = new RunFolder(arguments[^1]);
        var earlier = Array.IndexOf(arguments, ChildRun.After) is var at and >= 0 ? new RunFolder(arguments[at + 1]) : null;
        var spec = SpecReader.ReadText(ReadSpec());
        using var stop = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        new Thread(() => StopWithTheParent(stop)) { IsBackground = true, Name = "parent" }.Start();
        try
        {
            var end = Run.Execute(spec, folder, Environment.CommandLine, TimeProvider.System, stop.Token, earlier);
            return end == RunEnd.Done ? Exit.Done : Exit.Interrupted;
        }
        catch (RunFolderException error)
        {
            Console.Error.WriteLine(error.Message);
            return error.Busy ? SweepRunner.FolderBusyCode : SweepRunner.FolderUnusableCode;
        }
        catch (RunMemoryException error)
        {
            Console.Error.WriteLine(error.Message);
            return RunMemoryException.ExitCode;
        }
    }

    public static string ReadSpec()
    {
        var text = new StringBuilder();
        while (Console.In.ReadLine() is { } line && line != ChildRun.EndOfSpec)
            text.Append(line).Append('\n');
        return text.ToString();
    }

    private static void StopWithTheParent(CancellationTokenSource stop)
    {
        while (Console.In.Read() >= 0)
        {
        }
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run was over first.
        }
    }
}
