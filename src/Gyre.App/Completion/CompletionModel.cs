using Gyre.Lab.Claims;
using Gyre.Lab.Data;
using Gyre.Lab.Data.Downloads;
using Gyre.Lab.Exports;
using Gyre.Lab.Figures;
using Gyre.Lab.Inspection;
using Gyre.Lab.Objectives;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Completion;

/// <summary>The possible completions of a value.</summary>
/// <param name="Choices">Fixed words.</param>
/// <param name="Keys">Keys of a spec, each followed by = and its value.</param>
/// <param name="Results">Folders of runs and sweeps.</param>
/// <param name="Files">Any file.</param>
/// <param name="Folders">Any folder.</param>
internal sealed record CompletionValue(
    IReadOnlyList<string> Choices,
    bool Keys = false,
    bool Results = false,
    bool Files = false,
    bool Folders = false
);

/// <summary>A command as a shell completes it.</summary>
/// <param name="Path">Its words: run, or data check.</param>
/// <param name="Description">The description in the help.</param>
/// <param name="Options">Its options, each with its possible values; null if it takes none.</param>
/// <param name="Arguments">Completions by position.</param>
/// <param name="Repeats">Whether the last argument may be given repeatedly.</param>
internal sealed record CompletionCommand(
    string Path,
    string Description,
    IReadOnlyList<(OptionEntry Option, CompletionValue? Value)> Options,
    IReadOnlyList<CompletionValue> Arguments,
    bool Repeats
)
{
    /// <summary>
    /// Returns the pattern by which bash and zsh match a command and a position; a repeated argument matches from its
    /// position on.
    /// </summary>
    public string PatternAt(int place) => Repeats && place == Arguments.Count - 1 ? $"'{Path} '*" : $"'{Path} {place}'";
}

/// <summary>
/// The completions of shells, derived from the table of commands, the presets and the schema of specs, so that a new
/// entry in any of them appears automatically.
/// </summary>
/// <param name="commands">The table of commands.</param>
/// <param name="words">Values of options, by option name, or by command and option name.</param>
internal sealed class CompletionModel(
    IReadOnlyList<CommandEntry> commands,
    IReadOnlyDictionary<string, Func<IEnumerable<string>>> words
)
{
    /// <summary>The shells for which there is a script.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    private const string Official = "OFFICIAL";

    /// <summary>
    /// The values of options that are identified by their own name, or by a command and a name; the placeholders of the
    /// other options determine their values.
    /// </summary>
    public static Dictionary<string, Func<IEnumerable<string>>> OptionSuggestions { get; } =
        new(StringComparer.Ordinal)
        {
            ["--data"] = () => DataCatalog.Names,
            ["--loss"] = () => LossCatalog.Names,
            ["export --format"] = () => FormatCatalog.Names,
            ["report --format"] = () => PaperFigures.Formats,
            ["--operator"] = () => InspectionOptions.Operators,
            ["--question"] = () => QuestionCatalog.Questions.Select(question => question.Name),
        };

    /// <summary>Every command that does something itself.</summary>
    public IReadOnlyList<CompletionCommand> Commands =>
        field ??= [.. commands.SelectMany(command => Flat(command, ""))];

    /// <summary>The first words of commands, with their subcommands.</summary>
    public IReadOnlyList<CommandEntry> Entries => commands;

    /// <summary>Names of the options that take a value in any command.</summary>
    public IReadOnlyList<string> Valued =>
        [
            .. Commands
                .SelectMany(command => command.Options)
                .Where(one => one.Value is not null)
                .Select(one => one.Option.Name)
                .Distinct(),
        ];

    /// <summary>
    /// Returns pairs of a command and an option, quoted for bash and zsh, grouped by the action for the option's
    /// value.
    /// </summary>
    /// <param name="act">Returns the shell's action for a value.</param>
    public IEnumerable<(string Patterns, string Act)> ValuesBy(Func<CompletionValue, string> act) =>
        Commands
            .SelectMany(command =>
                command
                    .Options.Where(one => one.Value is not null)
                    .Select(one => (Pattern: $"'{command.Path} {one.Option.Name}'", Act: act(one.Value!)))
            )
            .GroupBy(one => one.Act)
            .Select(same => (string.Join('|', same.Select(one => one.Pattern)), same.Key));

    /// <summary>Commands that only have subcommands.</summary>
    public IReadOnlyList<CommandEntry> Branches => [.. commands.Where(command => command.Commands.Count > 0)];

    /// <summary>The keys of specs and sweeps.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [.. SpecSchema.Keys.Select(key => key.Path), .. SweepSpecReader.OwnKeys];

    /// <summary>The keys whose value is one of a few words, with these words.</summary>
    public static IReadOnlyList<(string Key, IReadOnlyList<string> Words)> Choices { get; } =
    [.. SpecSchema.Keys.Select(key => (key.Path, Allowed(key))).Where(key => key.Item2.Count > 0)];

    private static IReadOnlyList<string> Allowed(SpecKey key) =>
        key.Kind == SpecKind.Flag ? ["true", "false"] : key.Choices ?? [];

    private IEnumerable<CompletionCommand> Flat(CommandEntry command, string above) =>
        command.Commands.Count > 0
            ? command.Commands.SelectMany(below => Flat(below, $"{above}{command.Name} "))
            :
            [
                new CompletionCommand(
                    above + command.Name,
                    command.Description,
                    [
                        .. command.Options.Select(option =>
                            (option, option.Value is null ? null : CreateValue($"{above}{command.Name}", option))
                        ),
                    ],
                    [
                        .. command.Arguments.Select(argument =>
                            CreateValue(null, ValueAt($"{above}{command.Name}", argument.Value))
                        ),
                    ],
                    command.Arguments is [.., { Repeats: true }]
                ),
            ];

    /// <summary>`data get` completes only the data sets that have official files.</summary>
    private static string ValueAt(string path, string value) => path == "data get" ? Official : value;

    private CompletionValue CreateValue(string command, OptionEntry option) =>
        words.TryGetValue($"{command} {option.Name}", out var own) || words.TryGetValue(option.Name, out own)
            ? new([.. own()])
            : CreateValue(option.Name, option.Value!);

    private static CompletionValue CreateValue(string? option, string value) =>
        value switch
        {
            "KEY=VALUE" => new([], Keys: true),
            "SPEC" or "MODEL" => new(SpecReader.AllPresets, Results: true, Files: true),
            "RUN" or "FOLDER" => new([], Results: true),
            "DIR" => new([], Folders: true),
            "FILE" or "PATH" or "SCRIPT" => new([], Files: true),
            "SHELL" => new(Shells),
            Official => new([.. OfficialFiles.Names]),
            "NAME" when option is null => new([.. DataCatalog.Names]),
            _ => new([]),
        };
}
