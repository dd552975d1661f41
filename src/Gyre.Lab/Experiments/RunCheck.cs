using Gyre.Lab.Runs;

namespace Gyre.Lab.Experiments;

/// <summary>Whether a run folder is what it claims to be: nothing in it is believed just because it is there.</summary>
public static class RunCheck
{
    private const int IdLength = 10;

    /// <summary>One sentence per flaw of the folder's files and of its spec; none of a sound one. Cost: each file is read twice.</summary>
    public static IReadOnlyList<string> Flaws(RunReader run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return [.. run.Flaws(), .. OfSpec(run.Folder, run.SpecText) is { } flaw ? [flaw] : Array.Empty<string>()];
    }

    /// <summary>Refuses a folder with a flaw: for what is computed from all of its files.</summary>
    /// <param name="run">The folder.</param>
    /// <param name="what">What needs them, such as "a landscape".</param>
    /// <exception cref="RunFolderException">The flaws, one a line.</exception>
    public static void Require(RunReader run, string what)
    {
        if (Flaws(run) is [_, ..] flaws)
            throw new RunFolderException(
                $"{string.Join('\n', flaws)}\nThe folder must be sound for {what}: put back what it was, or make the run again.");
    }

    /// <summary>Refuses a folder whose spec is another run's, or was edited.</summary>
    /// <exception cref="RunFolderException">It is.</exception>
    public static void RequireSpec(RunReader run)
    {
        if (OfSpec(run.Folder, run.SpecText) is { } flaw)
            throw new RunFolderException(flaw);
    }

    /// <summary>The flaws of every cell of a sweep that was begun, each with the cell's name.</summary>
    public static IReadOnlyList<string> Flaws(SweepReader sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return [.. sweep.Cells().Where(cell => cell.Run is not null).SelectMany(cell => Flaws(cell.Run!))];
    }

    /// <summary>
    /// A folder is named after its spec's id. A spec of an earlier version may lack keys and then has another id here: only a text that is
    /// exactly as this version writes it can be told from an edited one.
    /// </summary>
    /// <returns>What is wrong; null where nothing is.</returns>
    internal static string? OfSpec(RunFolder folder, string text)
    {
        if (Read(text, out var mistakes) is not { } spec)
            return $"{folder.Spec} cannot be made sense of: {mistakes}.";
        var name = Path.GetFileName(Path.GetFullPath(folder.Path).TrimEnd(Path.DirectorySeparatorChar));
        return IdIn(name) is { } id && SpecText.Write(spec) == text && SpecText.Id(spec) != id
            ? $"{folder.Spec} is not the spec that this run was made from: its id is {SpecText.Id(spec)}, and the folder's "
                + $"name says {id}. Put the spec back, or rename the folder."
            : null;
    }

    /// <summary>A run folder's spec; null, and why on one line, where it cannot be made sense of.</summary>
    public static RunSpec? Read(string text, out string mistakes)
    {
        mistakes = "";
        try
        {
            return SpecReader.ReadText(text);
        }
        catch (SpecException error)
        {
            mistakes = error.InOneLine.TrimEnd('.');
            return null;
        }
    }

    /// <summary>The id at the end of a folder's name, where it ends as one that this program makes.</summary>
    private static string? IdIn(string name)
    {
        var id = name[Math.Max(0, name.Length - IdLength)..];
        return name.EndsWith($"-{id}", StringComparison.Ordinal) && id.All(char.IsAsciiHexDigitLower) ? id : null;
    }
}
