using System.ComponentModel;
using Gyre.App.Folders;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre compare`.</summary>
internal sealed class CompareSettings : GyreSettings
{
    [CommandArgument(0, "<RUN>")]
    [Description("Two or more run folders, finished or not, including cells of sweeps")]
    public string[] Runs { get; init; } = [];
}

/// <summary>
/// `gyre compare`: the settings that differ between runs and the results of each, side by side. Reads every file of
/// each folder, since a flaw in one may affect the comparison; writes nothing.
/// </summary>
internal sealed class CompareCommand : Command<CompareSettings>
{
    private const int Fewest = 2;

    public override int Execute(CommandContext context, CompareSettings settings, CancellationToken stop)
    {
        var runs = Open(settings.Runs);
        foreach (var table in RunComparison.Tables(runs, AnsiConsole.Profile.Width))
            AnsiConsole.Console.Write(table);
        string[] flaws = [.. runs.SelectMany(run => RunCheck.Flaws(RunReader.Open(run.Folder.Path)))];
        foreach (var flaw in flaws)
            ConsoleLine.Warn(flaw);
        return flaws.Length == 0 ? Exit.Done : Exit.WrongInput;
    }

    /// <summary>Opens the run folders and collects the mistakes of all of them.</summary>
    private static List<ComparedRun> Open(string[] paths)
    {
        var (runs, mistakes) = (new List<ComparedRun>(), new Mistakes());
        if (paths.Length < Fewest)
            mistakes.Add(
                $"There is only one run: give at least {Fewest} run folders. "
                    + $"gyre report {paths[0]} shows one run, and gyre ls lists all of them."
            );
        foreach (var path in paths)
        {
            try
            {
                runs.Add(ComparedRun.Open(path));
            }
            catch (Exception error) when (error is RunFolderException or SpecException)
            {
                mistakes.Add(error.Message);
            }
        }
        mistakes.ThrowIfAny();
        return runs;
    }
}
