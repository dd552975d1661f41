using System.ComponentModel;
using Spectre.Console.Cli;

namespace Gyre.App.Terminal;

/// <summary>Options that every command accepts.</summary>
internal class GyreSettings : CommandSettings
{
    [CommandOption("--verbose")]
    [Description("For an error, also print where in the program it occurred")]
    public bool Verbose { get; init; }
}
