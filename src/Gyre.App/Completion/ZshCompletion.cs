namespace Gyre.App.Completion;

/// <summary>The script for zsh. Pure.</summary>
internal static class ZshCompletion
{
    private const string Head = """
        #compdef gyre
        # Completion of gyre for zsh. For this shell, after compinit: source <(gyre completion zsh).
        # For every one: gyre completion zsh > _gyre, in a folder of $fpath.
        _gyre_results() {
            local -a found
            found=(runs/*/(spec.toml|plan.json)(N:h) sweeps/*/(spec.toml|plan.json)(N:h))
            (( $#found )) && compadd -f -- $found
            _files -/
        }

        """;

    private const string Place = """
            local command= option=${words[CURRENT-1]} word
            local -i place=0 i
            for ((i = 2; i < CURRENT; i++)); do
                word=${words[i]}
                case $word in
                    --*=*) ;;
                    -*) [[ " $valued " == *" $word "* ]] && ((i++)) ;;
                    *)
                        if [[ -z $command ]]; then command=$word
                        elif [[ " $branches " == *" $command "* ]]; then command="$command $word"
                        else ((place++))
                        fi ;;
                esac
            done
            if [[ $PREFIX == --*=* ]]; then option=${PREFIX%%=*}; compset -P '*='; fi

        """;

    /// <summary>Returns the whole script.</summary>
    public static string Script(CompletionModel model)
    {
        var commands = model.Commands;
        var lines = new List<string> { Head };
        Keys(lines);
        lines.Add("_gyre() {");
        lines.Add($"    local valued='{string.Join(' ', model.Valued)}'\n    local -a found");
        lines.Add($"    local branches='{string.Join(' ', model.Branches.Select(branch => branch.Name))}'");
        lines.Add(Place);
        lines.Add("    case \"$command $option\" in");
        foreach (var (patterns, act) in model.ValuesBy(Act))
            lines.Add($"        {patterns}) {act}; return ;;");
        lines.Add("    esac\n    if [[ $PREFIX == -* ]]; then\n        case $command in");
        foreach (var command in commands)
        {
            var options = Described(command.Options.Select(one => (one.Option.Name, one.Option.Description)));
            lines.Add($"            '{command.Path}') found=({options}) ;;");
        }
        lines.Add(
            "            *) found=(--help --version) ;;\n        esac\n        _describe -o option "
                + "found\n        return\n    fi"
        );
        lines.Add("    case \"$command $place\" in");
        lines.Add($"        ' 0') found=({Described(model.Entries)}); _describe command found ;;");
        foreach (var branch in model.Branches)
            lines.Add($"        '{branch.Name} 0') found=({Described(branch.Commands)}); _describe command found ;;");
        foreach (var command in commands)
            lines.AddRange(
                command.Arguments.Select((value, place) => $"        {command.PatternAt(place)}) {Act(value)} ;;")
            );
        lines.Add("    esac\n}\n(( $+functions[compdef] )) && compdef _gyre gyre\n");
        return string.Join('\n', lines);
    }

    private static void Keys(List<string> lines)
    {
        lines.Add("_gyre_keys() {\n    if [[ $PREFIX != *=* ]]; then");
        lines.Add($"        compadd -S = -- {string.Join(' ', CompletionModel.Keys)}\n        return\n    fi");
        lines.Add("    local key=${PREFIX%%=*}\n    compset -P '*='\n    case $key in");
        foreach (var (key, words) in CompletionModel.Choices)
            lines.Add($"        {key}) compadd -- {string.Join(' ', words)} ;;");
        lines.Add("    esac\n}");
    }

    private static string Described(IEnumerable<CommandEntry> commands) =>
        Described(commands.Select(command => (command.Name, command.Description)));

    private static string Described(IEnumerable<(string Name, string Description)> entries) =>
        string.Join(
            ' ',
            entries.Select(entry =>
                $"'{entry.Name}:{entry.Description.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            )
        );

    private static string Act(CompletionValue value)
    {
        var acts = new List<string>();
        if (value.Choices.Count > 0)
            acts.Add($"compadd -- {string.Join(' ', value.Choices)}");
        if (value.Keys)
            acts.Add("_gyre_keys");
        if (value.Results)
            acts.Add("_gyre_results");
        if (value.Files)
            acts.Add("_files");
        if (value.Folders)
            acts.Add("_files -/");
        return acts.Count == 0 ? ":" : string.Join("; ", acts);
    }
}
