using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>Where a command speaks. Errors go to standard error whatever was asked for.</summary>
/// <param name="Progress">How it goes; nowhere with --quiet.</param>
/// <param name="Remarks">What a reader should know.</param>
/// <param name="Result">What came of it, for people; nowhere where standard output is JSON's alone.</param>
internal sealed record Voice(IAnsiConsole Progress, IAnsiConsole Remarks, IAnsiConsole Result)
{
    /// <summary>Stands for standard output, where a file is named.</summary>
    public const string StandardOutput = "-";

    /// <summary>As the options say.</summary>
    /// <param name="console">Standard output.</param>
    /// <param name="quiet">Whether --quiet was given.</param>
    /// <param name="json">What --json was given, or null.</param>
    public static Voice Create(IAnsiConsole console, bool quiet, string? json)
    {
        var (nowhere, beside) = (Plain(TextWriter.Null), json == StandardOutput ? Plain(Console.Error) : console);
        return new Voice(quiet ? nowhere : beside, beside, beside == console ? console : nowhere);
    }

    /// <summary>Speaks in lines that nothing steers.</summary>
    public static IAnsiConsole Plain(TextWriter writer) =>
        AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(writer),
            }
        );
}
