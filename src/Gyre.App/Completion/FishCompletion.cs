namespace Gyre.App.Completion;

/// <summary>The script for fish. Pure.</summary>
internal static class FishCompletion
{
    private const string Head = """
        # Completion of gyre for fish. For this shell: gyre completion fish | source.
        # For every one: gyre completion fish > ~/.config/fish/completions/gyre.fish
        complete -c gyre -f
        function __gyre_at # the words of a command
            set -l words (commandline -opc)
            set -l last (math 1 + (count $argv))
            test "$words[2..$last]" = "$argv"
        end
        function __gyre_begins # no command yet
            test (count (commandline -opc)) -eq 1
        end
        function __gyre_branch # a command that only has others below it
            set -l words (commandline -opc)
            test (count $words) -eq 2; and test "$words[2]" = $argv[1]
        end
        function __gyre_results
            for file in runs/*/spec.toml sweeps/*/plan.json
                dirname $file
            end
            __fish_complete_directories
        end

        """;

    /// <summary>Returns the whole script.</summary>
    public static string Script(CompletionModel model)
    {
        var lines = new List<string> { Head };
        Keys(lines);
        foreach (var command in model.Entries)
            lines.Add($"complete -c gyre -n __gyre_begins -a {command.Name} -d {Quoted(command.Description)}");
        foreach (var branch in model.Branches)
        {
            var at = $"complete -c gyre -n '__gyre_branch {branch.Name}'";
            lines.AddRange(branch.Commands.Select(below => $"{at} -a {below.Name} -d {Quoted(below.Description)}"));
        }
        foreach (var command in model.Commands)
        {
            var at = $"complete -c gyre -n '__gyre_at {command.Path}'";
            foreach (var (option, value) in command.Options)
            {
                var takes = value is null ? "" : $" {Act(value, required: true)}";
                lines.Add($"{at} -l {option.Name[2..]}{takes} -d {Quoted(option.Description)}");
            }
            foreach (var value in command.Arguments.Distinct())
                lines.Add($"{at} {Act(value, required: false)}");
        }
        return string.Join('\n', lines) + "\n";
    }

    private static void Keys(List<string> lines)
    {
        lines.Add($"function __gyre_keys\n    printf '%s=\\n' {string.Join(' ', CompletionModel.Keys)}");
        foreach (var (key, words) in CompletionModel.Choices)
            lines.Add($"    printf '{key}=%s\\n' {string.Join(' ', words)}");
        lines.Add("end");
    }

    /// <summary>Returns the fish options that describe the possible values.</summary>
    private static string Act(CompletionValue value, bool required)
    {
        string[] calls =
        [
            .. value.Choices.Count > 0 ? [string.Join(' ', value.Choices)] : Array.Empty<string>(),
            .. value.Keys ? ["(__gyre_keys)"] : Array.Empty<string>(),
            .. value.Results ? ["(__gyre_results)"] : Array.Empty<string>(),
            .. value.Folders ? ["(__fish_complete_directories)"] : Array.Empty<string>(),
        ];
        var words = calls.Length == 0 ? "" : $" -a '{string.Join(' ', calls)}'";
        return $"{(value.Files ? "-F" : "-f")}{(required ? " -r" : "")}{words}";
    }

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
