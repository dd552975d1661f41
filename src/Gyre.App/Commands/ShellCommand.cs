using System.ComponentModel;
using Gyre.App.Completion;
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
        Console.Out.Write(settings.Shell switch
        {
            "bash" => BashCompletion.Script(),
            "zsh" => ZshCompletion.Script(),
            _ => FishCompletion.Script(),
        });
        return Exit.Done;
    }
}
