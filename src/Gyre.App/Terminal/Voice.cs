using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>The consoles that a command writes to. Errors always go to standard error.</summary>
/// <param name="Progress">The progress; discarded with --quiet.</param>
/// <param name="Remarks">Remarks for the reader.</param>
/// <param name="Result">The result, for people; discarded if standard output is reserved for JSON.</param>
internal sealed record Voice(IAnsiConsole Progress, IAnsiConsole Remarks, IAnsiConsole Result)
{
    /// <summary>Stands for standard output in place of a file name.</summary>
    public const string StandardOutput = "-";

    /// <summary>Creates the consoles that the options select.</summary>
    /// <param name="console">Standard output.</param>
    /// <param name="quiet">Whether --quiet was given.</param>
    /// <param name="json">The value of --json, or null.</param>
    public static Voice Create(IAnsiConsole console, bool quiet, string? json)
    {
        var (nowhere, beside) = (Plain(TextWriter.Null), json == StandardOutput ? Plain(Console.Error) : console);
        return new Voice(quiet ? nowhere : beside, beside, beside == console ? console : nowhere);
    }

    /// <summary>Returns a console that writes plain lines without control sequences.</summary>
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
