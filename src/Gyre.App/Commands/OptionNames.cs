using Gyre.App.Completion;
using Gyre.Lab.Data;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Commands;

/// <summary>Suggests a replacement for an option that a command does not have.</summary>
internal static class OptionNames
{
    private const string Set = "--set";

    /// <summary>
    /// Returns an option of the command, or a spec key that its --set accepts; null if none is close.
    /// </summary>
    /// <param name="word">The option, without its dashes.</param>
    /// <param name="arguments">The whole command.</param>
    public static string? Near(string word, string[] arguments)
    {
        if (word.Length == 0 || CommandOf(arguments) is not { } command)
            return null;
        string[] own = [.. command.Options.Select(option => option.Name), "--help"];
        return own.FirstOrDefault(option => option.StartsWith($"--{word}", StringComparison.Ordinal))
            ?? (command.Name == "sweep" && SweepKeyOf(word) is { } ofSweep ? $"{Set} {ofSweep}=…" : null)
            ?? (own.Contains(Set) && SpecSuggestions.Called(word) is { } key ? $"{Set} {key}=…" : null)
            ?? (word.Length > 1 ? NearestName.Find($"--{word}", own) : null);
    }

    private static string? SweepKeyOf(string word) =>
        SweepSpecReader.OwnKeys.FirstOrDefault(key => key == $"sweep.{word}" || key == $"sweep.{word}s");

    private static CommandEntry? CommandOf(string[] arguments)
    {
        var command = CommandTable.Commands.FirstOrDefault(entry => entry.Name == arguments.FirstOrDefault());
        return command is { Commands.Count: > 0 }
            ? command.Commands.FirstOrDefault(below => below.Name == arguments.ElementAtOrDefault(1))
            : command;
    }
}
