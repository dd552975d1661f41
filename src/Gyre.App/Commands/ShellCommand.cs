using System.ComponentModel;
using Gyre.App.Completion;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre completion`.</summary>
internal sealed class ShellSettings : GyreSettings
{
    [CommandArgument(0, "<SHELL>")]
    [Description("bash, zsh or fish")]
    public string Shell { get; init; } = "";
}

/// <summary>
/// `gyre completion`: prints a script with which a shell completes commands, options, presets, keys and run folders.
/// </summary>
internal sealed class ShellCommand : Command<ShellSettings>
{
    public override int Execute(CommandContext context, ShellSettings settings, CancellationToken stop)
    {
        var mistakes = new Mistakes();
        if (!CompletionModel.Shells.Contains(settings.Shell))
            mistakes.Add(
                $"There is no completion script for {settings.Shell}"
                    + $"{Suggestion.For(settings.Shell, CompletionModel.Shells)}; there are scripts for "
                    + $"{string.Join(", ", CompletionModel.Shells)}."
            );
        mistakes.ThrowIfAny(help: context.Name);
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
            CompletionModel.OptionSuggestions,
            StringComparer.Ordinal
        )
        {
            ["--probe"] = () => RunRequest.Probes,
            ["--on"] = () => ClusterOptions.Places,
            ["--device"] = () => DeviceChecks.Devices,
        };
        return new CompletionModel(CommandTable.Commands, words);
    }
}
