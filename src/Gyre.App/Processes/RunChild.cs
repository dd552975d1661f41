using System.Text;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Processes;

/// <summary>
/// The child process of <see cref="ChildRun"/>: reads the spec from standard input, runs it, and stops when the input
/// closes.
/// </summary>
internal static class RunChild
{
    public const string Name = "run-child";

    public static int Execute(string[] arguments, StopSignals signals)
    {
        var folder = new RunFolder(arguments[^1]);
        var earlier = Array.IndexOf(arguments, ChildRun.After) is var at and >= 0
            ? new RunFolder(arguments[at + 1])
            : null;
        var spec = SpecReader.ReadText(ReadSpec());
        using var stop = StopWithParent(signals);
        try
        {
            return CodeOf(Run.Execute(spec, folder, Environment.CommandLine, TimeProvider.System, stop.Token, earlier));
        }
        catch (Exception error) when (CodeOf(error) is { } code)
        {
            Console.Error.WriteLine(error.Message);
            return code;
        }
    }

    /// <summary>Reads the spec that the parent writes first.</summary>
    internal static string ReadSpec()
    {
        var text = new StringBuilder();
        while (Console.In.ReadLine() is { } line && line != ChildRun.EndOfSpec)
            text.Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>
    /// Creates a source that is canceled by a signal or by the parent, when the parent closes the input or dies.
    /// </summary>
    /// <param name="signals">Stop signals, listened to from here on.</param>
    /// <param name="afterwards">Runs on a separate thread after the parent's request; null to run nothing.</param>
    internal static CancellationTokenSource StopWithParent(StopSignals signals, Action? afterwards = null)
    {
        signals.Listen(StopSignals.TerminationAndHangup);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
        new Thread(WaitForParent) { IsBackground = true, Name = "parent" }.Start();
        return stop;

        void WaitForParent()
        {
            while (Console.In.Read() >= 0) { }
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The run ended first.
            }
            afterwards?.Invoke();
        }
    }

    internal static int CodeOf(RunEnd end) => end == RunEnd.Done ? Exit.Done : Exit.Interrupted;

    /// <summary>
    /// Returns the exit code that identifies the failure to the parent; null if there is no code for it.
    /// </summary>
    internal static int? CodeOf(Exception error) =>
        error switch
        {
            RunFolderException { Busy: true } => SweepRunner.FolderBusyCode,
            RunFolderException => SweepRunner.FolderUnusableCode,
            RunMemoryException => RunMemoryException.ChildExitCode,
            _ => null,
        };
}
