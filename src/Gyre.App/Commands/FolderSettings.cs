using System.ComponentModel;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Options of commands that read a folder of results.</summary>
internal class FolderSettings : GyreSettings
{
    [CommandOption("--partial")]
    [Description(
        "Take what is sound of a damaged folder. What is left out is reported; without this it is exit code 2"
    )]
    public bool Partial { get; init; }

    /// <summary>Reports what is wrong with a folder.</summary>
    /// <returns>The exit code that follows.</returns>
    public int Report(IReadOnlyList<string> flaws)
    {
        foreach (var flaw in flaws)
            ConsoleLine.Warn(flaw);
        return flaws.Count == 0 || Partial ? Exit.Done : Exit.WrongInput;
    }
}
