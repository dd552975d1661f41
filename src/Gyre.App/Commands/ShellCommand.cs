using System.ComponentModel;
using Gyre.App.Completion;
using Gyre.Lab.Data;
using Gyre.Lab.Experiments;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre completion` is told.</summary>
internal sealed class ShellSettings : GyreSettings
{
    [CommandArgument(0, "<SHELL>")]
    [Description("bash, zsh or fish")]
    public string Shell { get; init; } = "";
}

/// <summary>`gyre completion`: a script by which a shell completes commands, options, presets, keys and run folders.</summary>
internal sealed class ShellCommand : Command<ShellSettings>
{
    public override int Execute(CommandContext context, ShellSettings settings, CancellationToken cancellation)
    {
        Console.Out.Write(settings.Shell switch
        {
            "bash" => BashCompletion.Script(),
            "zsh" => ZshCompletion.Script(),
            "fish" => FishCompletion.Script(),
            var other => throw new SpecException([new("completion", Unknown(other))]),
        });
        return Exit.Done;
    }

    private static string Unknown(string shell)
    {
        var near = NearestName.Of(shell, CompletionModel.Shells);
        return $"there is no script for {shell}{(near is null ? "" : $" (did you mean {near}?)")}; there are scripts for {string.Join(", ", CompletionModel.Shells)}";
    }
}
