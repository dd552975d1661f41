using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>Whether a run folder is what it claims to be: nothing in it is believed just because it is there.</summary>
internal static class RunCheck
{
    private const int IdLength = 10;

    /// <summary>
    /// One sentence per flaw of the folder's files and of its spec; none of a sound one. Cost: each file is read twice.
    /// </summary>
    public static IReadOnlyList<string> Flaws(RunReader run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return
        [
            .. run.Flaws(),
            .. FindSpecFlaw(run.Folder, run.ReadSpecText()) is { } flaw ? [flaw] : Array.Empty<string>(),
        ];
    }

    /// <summary>Refuses a folder with a flaw: for what is computed from all of its files.</summary>
    /// <param name="run">The folder.</param>
    /// <param name="what">What needs them, such as "a landscape".</param>
    /// <exception cref="RunFolderException">The flaws, one a line.</exception>
    public static void Require(RunReader run, string what)
    {
        if (Flaws(run) is [_, ..] flaws)
            throw new RunFolderException(
                $"{string.Join('\n', flaws)}\nThe folder must be sound for {what}: put back what it was, or "
                    + "make the run again."
            );
    }

    /// <summary>Refuses a folder whose spec is another run's, or was edited.</summary>
    /// <exception cref="RunFolderException">It is.</exception>
    public static void RequireSpec(RunReader run)
    {
        if (FindSpecFlaw(run.Folder, run.ReadSpecText()) is { } flaw)
            throw new RunFolderException(flaw);
    }

    /// <summary>The flaws of every cell of a sweep that was begun, each with the cell's name.</summary>
    public static IReadOnlyList<string> Flaws(SweepReader sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return [.. sweep.ReadCells().Where(cell => cell.Run is not null).SelectMany(cell => Flaws(cell.Run!))];
    }

    /// <summary>Whether a spec is the one that its run was begun with.</summary>
    /// <returns>What is wrong; null where nothing is.</returns>
    internal static string? FindSpecFlaw(RunFolder folder, string text) =>
        FindSpecFlaw(folder, text, EnvironmentOf(folder));

    /// <summary>
    /// environment.json has the id of the spec that the run was begun with, and the folder is named after it. A spec of
    /// an earlier version may lack keys and then has another id here: where only the name says the id, only a text that
    /// is exactly as this version writes it can be told from an edited one.
    /// </summary>
    /// <param name="folder">Of the run.</param>
    /// <param name="text">Of spec.toml.</param>
    /// <param name="begun">environment.json; null where it cannot be read.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    public static string? FindSpecFlaw(RunFolder folder, string text, EnvironmentRecord? begun)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (Read(text, out var mistakes) is not { } spec)
            return $"{folder.Spec} cannot be made sense of: {mistakes}.";
        var (id, name) = (
            SpecText.Id(spec),
            IdIn(Path.GetFileName(Path.GetFullPath(folder.Path).TrimEnd(Path.DirectorySeparatorChar)))
        );
        if (begun?.SpecId is { } own && own != id)
            return Other(folder, id, $"environment.json says {own}");
        return name is not null && name != id && SpecText.Write(spec) == text
            ? Other(folder, id, $"the folder's name says {name}")
            : null;
    }

    private static string Other(RunFolder folder, string id, string claim) =>
        $"{folder.Spec} is not the spec that this run was made from: its id is {id}, and {claim}. Put the spec back; "
        + "`gyre run` with a copy of the edited one makes another run.";

    private static EnvironmentRecord? EnvironmentOf(RunFolder folder)
    {
        try
        {
            return File.Exists(folder.Environment)
                ? RunJson.Read<EnvironmentRecord>(FolderFile.Bytes(folder.Environment))
                : null;
        }
        catch (RunFolderException)
        {
            return null; // whoever reads that file says what is wrong with it
        }
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
