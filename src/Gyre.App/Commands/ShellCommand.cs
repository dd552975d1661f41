using System.ComponentModel;
using Gyre.App.Completion;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre completion`.</summary>
internal sealed class ShellSettings : GyreSettings
{
    [CommandArgument(0, "<SHELL>")]
    [Description("bash, zsh or fish")]
    public string Shell { get; init; } = "";

    public override ValidationResult Validate() =>
        CompletionModel.Shells.Contains(Shell) ? ValidationResult.Success() : ValidationResult.Error(Unknown(Shell));

    private static string Unknown(string shell)
    {
        var near = NearestName.Of(shell, CompletionModel.Shells);
        return $"There is no completion script for {shell}{(near is null ? "" : $" (did you mean {near}?)")}; "
            + $"there are scripts for {string.Join(", ", CompletionModel.Shells)}.";
    }
}

/// <summary>`gyre completion`: a script by which a shell completes commands, options, presets, keys and run
/// folders.</summary>
internal sealed class ShellCommand : Command<ShellSettings>
{
    public override int Execute(CommandContext context, ShellSettings settings, CancellationToken cancellation)
    {
        var model = Model();
        Console.Out.Write(
            settings.Shell switch
            {
                "bash" => BashCompletion.Script(model),
                "zsh" => ZshCompletion.Script(model),
                _ => FishCompletion.Script(model),
            }
        );
        return Exit.Done;
    }

    private static CompletionModel Model()
    {
        var words = new Dictionary<string, Func<IEnumerable<string>>>(
            CompletionModel.UsualWords,
            StringComparer.Ordinal
        )
        {
            ["--probe"] = () => RunCommand.Probes,
            ["--on"] = () => ClusterWords.Places,
            ["--device"] = () => DeviceChecks.Devices,
        };
        return new CompletionModel(CommandTable.Commands, words);
    }
}
