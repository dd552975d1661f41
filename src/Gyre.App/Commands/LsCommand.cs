using System.ComponentModel;
using Gyre.App.Folders;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre ls`.</summary>
internal sealed class LsSettings : GyreSettings
{
    [CommandArgument(0, "[DIR]")]
    [Description("Folder to list, including folders below it. Default: runs and sweeps")]
    public string? Folder { get; init; }

    [CommandOption("--cells")]
    [Description("Also list the cells of each sweep")]
    public bool Cells { get; init; }

    [CommandOption("--json <FILE>")]
    [Description("Also write the list to this file as JSON; - prints JSON only")]
    public string? Json { get; init; }
}

/// <summary>
/// `gyre ls`: one line per run or sweep. Reads specs, summaries and the ends of files; writes nothing.
/// </summary>
internal sealed class LsCommand : Command<LsSettings>
{
    public override int Execute(CommandContext context, LsSettings settings, CancellationToken stop)
    {
        var folders = UsualFolders.GetRoots(settings.Folder);
        IReadOnlyList<ListedFolder> rows = [.. folders.SelectMany(folder => FolderList.Find(folder, settings.Cells))];
        JsonAnswer.Write(settings.Json, () => rows);
        if (settings.Json == Voice.StandardOutput)
            return Exit.Done;
        foreach (var line in FolderTable.Lines(rows))
            ConsoleLine.Write(AnsiConsole.Console, line);
        if (rows.Count == 0)
            ConsoleLine.Warn(
                settings.Folder is null ? UsualFolders.Nothing : $"There is no run and no sweep in {settings.Folder}."
            );
        return Exit.Done;
    }
}

/// <summary>The default folders for runs and sweeps.</summary>
internal static class UsualFolders
{
    /// <summary>The message if nothing is in them.</summary>
    public static string Nothing =>
        $"There is no run in {RunSettings.DefaultOut}/ and no sweep in {CellsSettings.DefaultOut}/ here.";

    /// <summary>Returns the named folder, or those of the default folders that exist.</summary>
    /// <exception cref="RunFolderException">The named path is not a folder.</exception>
    public static IReadOnlyList<string> GetRoots(string? named)
    {
        if (named is null)
            return [.. new[] { RunSettings.DefaultOut, CellsSettings.DefaultOut }.Where(Directory.Exists)];
        return Directory.Exists(named)
            ? [named]
            : throw new RunFolderException(
                $"{named} is not a folder. Give one that contains runs or sweeps, such as {RunSettings.DefaultOut}."
            );
    }
}
