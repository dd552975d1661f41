using System.ComponentModel;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Exports;
using Gyre.Lab.Running;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre export`.</summary>
internal sealed class ExportSettings : FolderSettings
{
    [CommandArgument(0, "<FOLDER>")]
    [Description("A run folder or a sweep folder, finished or not")]
    public string Folder { get; init; } = "";

    [CommandOption("--format <NAME>")]
    [Description("csv, parquet or tensorboard. Default: csv")]
    public string Format { get; init; } = "csv";

    [CommandOption("--out <DIR>")]
    [Description(
        "Folder for the files. Default: export/FORMAT in the folder itself. Files of an earlier export "
            + "are replaced"
    )]
    public string? Out { get; init; }
}

/// <summary>`gyre export`: the tables of a run or sweep for other programs.</summary>
internal sealed class ExportCommand : Command<ExportSettings>
{
    public override int Execute(CommandContext context, ExportSettings settings, CancellationToken stop)
    {
        var (format, mistakes) = (FormatCatalog.TryGet(settings.Format), new Mistakes());
        if (format is null)
            mistakes.Add(
                $"'{settings.Format}' is not a format{Suggestion.For(settings.Format, FormatCatalog.Names)}; "
                    + $"the formats are {string.Join(", ", FormatCatalog.Names)}. Name one with --format."
            );
        mistakes.ThrowIfAny();
        var source = ExportSource.Open(settings.Folder);
        if (settings.Report([.. source.Runs.SelectMany(one => RunCheck.Flaws(one.Run))]) is not Exit.Done and var code)
        {
            Console.Error.WriteLine("Nothing is exported. --partial exports the sound part.");
            return code;
        }
        foreach (var file in source.Save(format!, settings.Out))
            ConsoleLine.Write(AnsiConsole.Console, file);
        return Exit.Done;
    }
}
