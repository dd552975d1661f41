namespace Gyre.App.Completion;

/// <summary>The script for bash 3.2 and later; it needs nothing but bash. Pure.</summary>
internal static class BashCompletion
{
    private const string Head = """
        # Completion of gyre for bash. For this shell: source <(gyre completion bash).
        # For every one: gyre completion bash > FILE, and source FILE in ~/.bashrc.
        _gyre_add() { local word; while IFS= read -r word; do COMPREPLY+=("$prefix$word"); done; }
        _gyre_words() { _gyre_add < <(compgen -W "$1" -- "$cur"); }
        _gyre_files() { compopt -o filenames 2>/dev/null; _gyre_add < <(compgen "$1" -- "$cur"); }
        _gyre_results() {
            local path
            compopt -o filenames 2>/dev/null
            for path in runs/*/ sweeps/*/; do
                [[ $path == "$cur"* && (-e $path/spec.toml || -e $path/plan.json) ]] && COMPREPLY+=("$prefix${path%/}")
            done
            _gyre_files -d
        }

        """;

    /// <summary>
    /// Finds what the cursor is at. bash treats = as a word of its own, unless the user configures it otherwise.
    /// </summary>
    private const string Place = """
            local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= place=0 option= key= prefix= word i
            COMPREPLY=()
            if [[ $cur == ?*=* ]]; then prefix=${cur%%=*}= key=${cur%%=*} option=$prev cur=${cur#*=}
            elif [[ $cur == = && COMP_CWORD -gt 2 ]]; then key=$prev option=${COMP_WORDS[COMP_CWORD-2]} cur=
            elif [[ $prev == = && COMP_CWORD -gt 3 ]]; then key=${COMP_WORDS[COMP_CWORD-2]} option=${COMP_WORDS[COMP_CWORD-3]}
            else option=$prev
            fi
            if [[ $key == --* ]]; then option=$key key=; fi
            for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                case $word in
                    =) ((i++)) ;;
                    -*) if [[ " $valued " == *" $word "* ]]; then ((i++)); [[ ${COMP_WORDS[i]} == = ]] && ((i++)); fi ;;
                    *)
                        if [[ -z $command ]]; then command=$word
                        elif [[ " $branches " == *" $command "* ]]; then command="$command $word"
                        else ((place++))
                        fi ;;
                esac
            done

        """;

    /// <summary>Returns the whole script.</summary>
    public static string Script(CompletionModel model)
    {
        var commands = model.Commands;
        var lines = new List<string> { Head };
        Keys(lines);
        lines.Add("_gyre() {");
        lines.Add($"    local valued='{string.Join(' ', model.Valued)}'");
        lines.Add($"    local branches='{string.Join(' ', model.Branches.Select(branch => branch.Name))}'");
        lines.Add(Place);
        lines.Add("    case \"$command $option\" in");
        foreach (var (patterns, act) in model.ValuesBy(Act))
            lines.Add($"        {patterns}) {act}; return ;;");
        lines.Add("    esac\n    if [[ $cur == -* ]]; then\n        case $command in");
        foreach (var command in commands)
        {
            var options = string.Join(' ', command.Options.Select(one => one.Option.Name));
            lines.Add($"            '{command.Path}') _gyre_words '{options} --help' ;;");
        }
        lines.Add("            *) _gyre_words '--help --version' ;;\n        esac\n        return\n    fi");
        lines.Add("    case \"$command $place\" in");
        lines.Add($"        ' 0') _gyre_words '{string.Join(' ', model.Entries.Select(command => command.Name))}' ;;");
        foreach (var branch in model.Branches)
            lines.Add(
                $"        '{branch.Name} 0') _gyre_words "
                    + $"'{string.Join(' ', branch.Commands.Select(below => below.Name))}' ;;"
            );
        foreach (var command in commands)
            lines.AddRange(
                command.Arguments.Select((value, place) => $"        {command.PatternAt(place)}) {Act(value)} ;;")
            );
        lines.Add("    esac\n}\ncomplete -F _gyre gyre\n");
        return string.Join('\n', lines);
    }

    private static void Keys(List<string> lines)
    {
        lines.Add("_gyre_keys() {\n    case $key in");
        var keys = string.Join(' ', CompletionModel.Keys);
        lines.Add(
            $"        '') compopt -o nospace 2>/dev/null; _gyre_add < <(compgen -S = -W '{keys}' -- \"$cur\") ;;"
        );
        foreach (var (key, words) in CompletionModel.Choices)
            lines.Add($"        {key}) _gyre_words '{string.Join(' ', words)}' ;;");
        lines.Add("    esac\n}");
    }

    private static string Act(CompletionValue value)
    {
        var acts = new List<string>();
        if (value.Choices.Count > 0)
            acts.Add($"_gyre_words '{string.Join(' ', value.Choices)}'");
        if (value.Keys)
            acts.Add("_gyre_keys");
        if (value.Results)
            acts.Add("_gyre_results");
        if (value.Files)
            acts.Add("_gyre_files -f");
        if (value.Folders)
            acts.Add("_gyre_files -d");
        return acts.Count == 0 ? ":" : string.Join("; ", acts);
    }
}
