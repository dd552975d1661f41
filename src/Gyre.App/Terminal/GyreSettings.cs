using System.ComponentModel;
using Spectre.Console.Cli;

namespace Gyre.App.Terminal;

/// <summary>What every command understands.</summary>
internal class GyreSettings : CommandSettings
{
    [CommandOption("--verbose")]
    [Description("With an error, also print where in the program it arose")]
    public bool Verbose { get; init; }
}
