using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>
/// Writes a line unbroken, without characters that control a terminal. A console would break it at its width, which
/// would make a path unfit for copying.
/// </summary>
internal static class ConsoleLine
{
    public static void Write(IAnsiConsole console, string line) =>
        console.Profile.Out.Writer.WriteLine(PlainText.Line(line));

    /// <summary>Writes a line to standard error.</summary>
    public static void Warn(string line) => Console.Error.WriteLine(PlainText.Line(line));
}
