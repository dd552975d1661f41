using System.Globalization;
using System.Text;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Reports;

/// <summary>The settings of a sweep, for the methods section of its report.</summary>
/// <param name="Text">sweep.toml; empty if it is missing.</param>
/// <param name="Resolved">spec.toml of the first cell that has begun; empty if there is none.</param>
/// <param name="ResolvedOf">The folder name of that cell.</param>
/// <param name="Environments">environment.json of every cell that has one.</param>
internal sealed record SweepSettings(
    string Text,
    string Resolved,
    string ResolvedOf,
    IReadOnlyList<EnvironmentRecord> Environments
)
{
    internal static SweepSettings FromSweep(SweepReader sweep, IReadOnlyList<SweepCell> cells)
    {
        var first = cells.FirstOrDefault(cell => cell.Run is not null);
        var text = File.Exists(sweep.Folder.Spec)
            ? RunFolder.Guarded(sweep.Folder.Spec, () => File.ReadAllText(sweep.Folder.Spec))
            : "";
        return new SweepSettings(
            text,
            first?.Run!.ReadSpecText() ?? "",
            first?.Cell.Folder ?? "",
            [.. cells.Select(cell => cell.Run?.ReadEnvironment()).OfType<EnvironmentRecord>()]
        );
    }

    /// <summary>
    /// Returns the command in shell syntax, from the recorded command line. The program's path is replaced by its
    /// name, and the number of threads, which is part of every cell's identity, is added if it is missing.
    /// </summary>
    public static string Command(SweepPlanRecord plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var words = SplitAtBlanks(plan.CommandLine).Skip(1).ToList();
        if (!words.Any(word => word.StartsWith("threads=", StringComparison.Ordinal)))
            words.AddRange(["--set", string.Create(CultureInfo.InvariantCulture, $"threads={plan.Threads}")]);
        return string.Join(' ', words.Select(Quoted).Prepend("gyre"));
    }

    /// <summary>
    /// Splits a command line into words: quotes keep blanks together, and a backslash before a quote keeps the quote.
    /// </summary>
    private static List<string> SplitAtBlanks(string line)
    {
        var (words, word, quoted, begun) = (new List<string>(), new StringBuilder(), false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var letter = line[i];
            if (letter == '\\' && i + 1 < line.Length && line[i + 1] == '"')
                word.Append(line[++i]);
            else if (letter == '"')
                (quoted, begun) = (!quoted, true);
            else if (letter != ' ' || quoted)
                word.Append(letter);
            else if (word.Length > 0 || begun)
            {
                words.Add(word.ToString());
                (word, begun) = (new StringBuilder(), false);
            }
        }
        if (word.Length > 0 || begun)
            words.Add(word.ToString());
        return words;
    }

    private static string Quoted(string word) =>
        word.Length > 0
        && word.All(letter =>
            char.IsAsciiLetterOrDigit(letter) || "-_./=:,+@%".Contains(letter, StringComparison.Ordinal)
        )
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
