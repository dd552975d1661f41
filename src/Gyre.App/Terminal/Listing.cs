namespace Gyre.App.Terminal;

/// <summary>
/// Prints names, each followed by a text: one line each in a file or a pipe, wrapped between words on a terminal.
/// </summary>
internal static class Listing
{
    /// <summary>Prints to standard output.</summary>
    public static void Print(int column, params IEnumerable<(string Name, string Text)> rows)
    {
        var width =
            Console.IsOutputRedirected || Console.WindowWidth <= column + 20 ? int.MaxValue : Console.WindowWidth;
        foreach (var line in rows.SelectMany(row => Lines(row.Name, row.Text, column, width)))
            Console.Out.WriteLine(line);
    }

    /// <summary>
    /// Returns the lines of an entry. The text and all lines it is wrapped into begin at the given column. A word too
    /// long for a line stays whole, since it may be a path to copy. Pure.
    /// </summary>
    public static IEnumerable<string> Lines(string name, string text, int column, int width)
    {
        var line = name.PadRight(column);
        var empty = true;
        foreach (var word in text.Split(' '))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                yield return line;
                (line, empty) = (new string(' ', column), true);
            }
            (line, empty) = (empty ? line + word : $"{line} {word}", false);
        }
        yield return line;
    }
}
