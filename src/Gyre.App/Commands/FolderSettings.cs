using System.ComponentModel;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Options of commands that read a folder of results.</summary>
internal class FolderSettings : GyreSettings
{
    [CommandOption("--partial")]
    [Description(
        "Use the sound part of a damaged folder, and report what is left out. Without this option, "
            + "damage is an error (exit code 2)"
    )]
    public bool Partial { get; init; }

    /// <summary>Reports the flaws of a folder.</summary>
    /// <returns>The resulting exit code.</returns>
    public int Report(IReadOnlyList<string> flaws)
    {
        foreach (var flaw in flaws)
            ConsoleLine.Warn(flaw);
        return flaws.Count == 0 || Partial ? Exit.Done : Exit.WrongInput;
    }
}
