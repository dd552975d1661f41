using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>Prepares text for a cell of a console's table, since files and names may contain anything.</summary>
internal static class TableText
{
    /// <summary>Returns one line without terminal control characters and markup.</summary>
    public static string Escape(string text) => Markup.Escape(PlainText.Line(text));
}
