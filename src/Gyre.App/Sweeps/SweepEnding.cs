using Gyre.App.Commands;
using Gyre.Lab.Runs;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>What a user sees of a sweep at its end.</summary>
internal static class SweepEnding
{
    /// <summary>Prints the table of groups and says where everything is.</summary>
    public static int Show(IAnsiConsole console, SweepReader sweep)
    {
        Ending.Say(console, $"sweep folder  {sweep.Folder.Path}");
        return Exit.Done;
    }
}
