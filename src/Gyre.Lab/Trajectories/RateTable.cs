using System.Globalization;
using Gyre.Lab.Data;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// A table of steps and learning rates: each learning rate holds from its step to that of the next row. Pure, except
/// for reading the file.
/// </summary>
/// <param name="First">The step of the first row; no learning rate is known before it.</param>
/// <param name="Initial">The learning rate of the first row.</param>
/// <param name="Changes">The later rows that change the learning rate.</param>
internal sealed record RateTable(long First, double Initial, IReadOnlyList<RateChange> Changes)
{
    private const int MostBytes = 64 << 20;
    private const int MostChanges = 100_000;
    private const int MostMistakes = 10; // usually the same one

    /// <summary>
    /// The first of these that a line contains separates its cells; semicolons go with decimal commas.
    /// </summary>
    private static readonly char[] Separators = [';', '\t', ','];

    /// <summary>
    /// Reads a CSV file with a step and a learning rate per line; a first line of words is a heading.
    /// </summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    /// <exception cref="SpecException">Some lines cannot be used; the exception lists them, at most 10.</exception>
    public static RateTable Read(string path) => Parse(UserFile.Text(path, MostBytes), path);

    /// <summary>Parses the text of such a file.</summary>
    /// <param name="text">The contents of the file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="SpecException">Some lines cannot be used; the exception lists them, at most 10.</exception>
    public static RateTable Parse(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (rows, mistakes) = (new List<(long Step, double Rate)>(), new List<SpecMistake>());
        void Wrong(string place, string problem) => mistakes.Add(new($"--learning-rate {name}{place}", problem));
        var number = 0;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#' || (rows.Count == 0 && mistakes.Count == 0 && IsHeading(line)))
                continue;
            if (Fault(line, rows) is { } fault && mistakes.Count < MostMistakes)
                Wrong(FormattableString.Invariant($", line {number}"), fault);
        }
        if (rows.Count == 0 && mistakes.Count == 0)
            Wrong("", "there is no row; a row is a step and a learning rate, such as 0,0.1");
        var table = mistakes.Count == 0 ? FromRows(rows) : null;
        if (table?.Changes.Count > MostChanges)
            Wrong(
                "",
                $"the learning rate changes {table.Changes.Count} times; at most {MostChanges} changes are supported"
            );
        return mistakes.Count == 0 ? table! : throw new SpecException(mistakes);
    }

    /// <summary>Returns the table as keys of a spec.</summary>
    public IEnumerable<string> Keys()
    {
        yield return $"training.learning_rate={SpecText.Value(Initial)}";
        yield return $"training.schedule={SpecText.Value(Changes)}";
    }

    private static RateTable FromRows(List<(long Step, double Rate)> rows)
    {
        var changes = new List<RateChange>();
        for (var i = 1; i < rows.Count; i++)
        {
            if (rows[i].Rate != rows[i - 1].Rate)
                changes.Add(new RateChange((int)rows[i].Step, rows[i].Rate));
        }
        return new RateTable(rows[0].Step, rows[0].Rate, changes);
    }

    /// <summary>Adds the row of a line; returns the reason if the line cannot be a row, or null.</summary>
    private static string? Fault(string line, List<(long Step, double Rate)> rows)
    {
        var cells = Cells(line);
        if (cells.Length != 2)
            return $"{UserFile.Shown(line)} has {Counted.Format(cells.Length, "column")}; keep two, the step and the learning rate";
        if (cells.Select(Commas).FirstOrDefault(fault => fault is not null) is { } comma)
            return comma;
        if (!TryStep(cells[0], out var step))
            return $"{UserFile.Shown(cells[0])} is not a step from 0 to {MeasuredSpec.Unbounded - 1}";
        if (!double.TryParse(cells[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || !(rate > 0))
            return $"{UserFile.Shown(cells[1])} is not a learning rate above 0 (0 moves nothing and has no "
                + "threshold: remove the row)";
        if (!double.IsFinite(rate))
            return $"{UserFile.Shown(cells[1])} is not finite";
        if (rows.Count > 0 && step <= rows[^1].Step)
            return FormattableString.Invariant($"step {step} is not above the previous step {rows[^1].Step}");
        rows.Add((step, rate));
        return null;
    }

    /// <summary>Steps are whole numbers, but a program that writes floats writes 120.0.</summary>
    private static bool TryStep(string cell, out long step)
    {
        var read = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        step = read && number is >= 0 and < MeasuredSpec.Unbounded ? (long)number : -1;
        return step >= 0 && step == number;
    }

    private static bool IsHeading(string line) =>
        Cells(line).All(cell => !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private static string[] Cells(string line)
    {
        var separator = Array.Find(Separators, line.Contains);
        return [.. line.Split(separator).Select(cell => cell.Trim().Trim('"'))];
    }

    private static string? Commas(string cell) =>
        cell.Contains(',', StringComparison.Ordinal)
        && double.TryParse(cell.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? $"{UserFile.Shown(cell)} has a decimal comma: write {cell.Replace(',', '.')}"
            : null;
}
