using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>
/// Checks that a run folder is what it claims to be; nothing in it is trusted just because it exists.
/// </summary>
internal static class RunCheck
{
    private const int IdLength = 10;

    /// <summary>
    /// Returns one sentence per flaw of the folder's files and of its spec; empty for a sound folder. Cost: each file
    /// is read twice.
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

    /// <summary>Refuses a folder with a flaw; for computations that use all of its files.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="what">The computation that needs the files, such as "a landscape".</param>
    /// <exception cref="RunFolderException">The folder has flaws; the message lists them one per line.</exception>
    public static void Require(RunReader run, string what)
    {
        if (Flaws(run) is [_, ..] flaws)
            throw new RunFolderException(
                $"{string.Join('\n', flaws)}\nThe folder must be undamaged for {what}: restore it, or "
                    + "repeat the run."
            );
    }

    /// <summary>Refuses a folder whose spec belongs to another run or was edited.</summary>
    /// <exception cref="RunFolderException">The spec belongs to another run or was edited.</exception>
    public static void RequireSpec(RunReader run)
    {
        if (FindSpecFlaw(run.Folder, run.ReadSpecText()) is { } flaw)
            throw new RunFolderException(flaw);
    }

    /// <summary>Returns the flaws of all cells of a sweep that have begun, each with the cell's name.</summary>
    public static IReadOnlyList<string> Flaws(SweepReader sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return [.. sweep.ReadCells().Where(cell => cell.Run is not null).SelectMany(cell => Flaws(cell.Run!))];
    }

    /// <summary>Checks that a spec is the one with which its run began.</summary>
    /// <returns>The flaw; null if there is none.</returns>
    internal static string? FindSpecFlaw(RunFolder folder, string text) =>
        FindSpecFlaw(folder, text, EnvironmentOf(folder));

    /// <summary>
    /// Compares the spec's id with the one in environment.json and the one in the folder's name, which are those of
    /// the spec with which the run began. A spec of an earlier version may lack keys and then has another id here. If
    /// only the name has the id, an edited text is recognized only if it is exactly as this version writes it.
    /// </summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="text">The text of spec.toml.</param>
    /// <param name="begun">environment.json; null if it cannot be read.</param>
    /// <returns>The flaw; null if there is none.</returns>
    public static string? FindSpecFlaw(RunFolder folder, string text, EnvironmentRecord? begun)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (Read(text, out var mistakes) is not { } spec)
            return $"{folder.Spec} cannot be read: {mistakes}.";
        var (id, name) = (
            SpecText.Id(spec),
            IdIn(Path.GetFileName(Path.GetFullPath(folder.Path).TrimEnd(Path.DirectorySeparatorChar)))
        );
        if (begun?.SpecId is { } own && own != id)
            return Other(folder, id, $"environment.json has {own}");
        return name is not null && name != id && SpecText.Write(spec) == text
            ? Other(folder, id, $"the folder's name has {name}")
            : null;
    }

    private static string Other(RunFolder folder, string id, string claim) =>
        $"{folder.Spec} is not the spec of this run: its ID is {id}, but {claim}. Restore the spec; "
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
            return null; // reported where that file itself is read
        }
    }

    /// <summary>Parses a run folder's spec; null, with the mistakes on one line, if it is not valid.</summary>
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

    /// <summary>
    /// Returns the id at the end of a folder's name; null if the name does not end in this program's format.
    /// </summary>
    private static string? IdIn(string name)
    {
        var id = name[Math.Max(0, name.Length - IdLength)..];
        return name.EndsWith($"-{id}", StringComparison.Ordinal) && id.All(char.IsAsciiHexDigitLower) ? id : null;
    }
}
