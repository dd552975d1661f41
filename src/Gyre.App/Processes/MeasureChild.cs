using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;

namespace Gyre.App.Processes;

/// <summary>The counterpart of <see cref="RunChild"/> for a run whose theta comes from checkpoints.</summary>
internal static class MeasureChild
{
    public const string Name = "measure-child";

    /// <summary>
    /// The option, given before the folder, that makes the child wait for more checkpoints until the parent closes
    /// the input.
    /// </summary>
    public const string Watch = "--watch";

    public static int Execute(string[] arguments, StopSignals signals)
    {
        var folder = new RunFolder(arguments[^1]);
        var spec = SpecReader.ReadText(RunChild.ReadSpec());
        using var stop = RunChild.StopWithParent(signals);
        try
        {
            var watches = arguments.Contains(Watch);
            return RunChild.CodeOf(
                Trajectory.Execute(spec, folder, watches, Environment.CommandLine, TimeProvider.System, stop.Token)
            );
        }
        catch (Exception error) when (RunChild.CodeOf(error) is { } code)
        {
            Console.Error.WriteLine(error.Message);
            return code;
        }
    }
}
