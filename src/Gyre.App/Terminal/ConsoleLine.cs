using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>
/// One line as it is, but for what steers a terminal: a console would break it at its width, and a path is to be
/// copied.
/// </summary>
internal static class ConsoleLine
{
    /// <summary>Writes a line to a console.</summary>
    public static void Write(IAnsiConsole console, string line) =>
        console.Profile.Out.Writer.WriteLine(PlainText.Line(line));

    /// <summary>Writes a line to standard error.</summary>
    public static void Warn(string line) => Console.Error.WriteLine(PlainText.Line(line));
}
