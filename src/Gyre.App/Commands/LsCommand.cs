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
    [Description("The folder whose runs and sweeps are listed, with those below it. Default: runs and sweeps")]
    public string? Folder { get; init; }

    [CommandOption("--cells")]
    [Description("List the cells of each sweep, too")]
    public bool Cells { get; init; }

    [CommandOption("--json <FILE>")]
    [Description("Write the list there too as JSON; - prints it in place of the list")]
    public string? Json { get; init; }
}

/// <summary>`gyre ls`: a line a run and a line a sweep. Reads specs, summaries and the ends of files; writes
/// nothing.</summary>
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

/// <summary>The folders that runs and sweeps go to where no other is named.</summary>
internal static class UsualFolders
{
    /// <summary>What is said where nothing is in them.</summary>
    public static string Nothing =>
        $"There is no run in {RunSettings.DefaultOut}/ and no sweep in {CellsSettings.DefaultOut}/ here.";

    /// <summary>The folder named, or the usual ones that are there.</summary>
    /// <exception cref="RunFolderException">The one named is no folder.</exception>
    public static IReadOnlyList<string> GetRoots(string? named)
    {
        if (named is null)
            return [.. new[] { RunSettings.DefaultOut, CellsSettings.DefaultOut }.Where(Directory.Exists)];
        return Directory.Exists(named)
            ? [named]
            : throw new RunFolderException(
                $"{named} is not a folder. Name one that holds runs or sweeps, such as {RunSettings.DefaultOut}."
            );
    }
}
