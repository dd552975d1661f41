using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>Text in a cell of a console's table, as whatever a file or a name holds may be shown.</summary>
internal static class TableText
{
    /// <summary>One line, of which nothing steers the terminal and nothing is markup.</summary>
    public static string Escape(string text) => Markup.Escape(PlainText.Line(text));
}
