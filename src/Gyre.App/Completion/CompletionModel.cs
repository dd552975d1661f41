using Gyre.Lab.Claims;
using Gyre.Lab.Data;
using Gyre.Lab.Data.Downloads;
using Gyre.Lab.Exports;
using Gyre.Lab.Inspection;
using Gyre.Lab.Objectives;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Completion;

/// <summary>What can stand where a value is expected.</summary>
/// <param name="Choices">These.</param>
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
/// <param name="Description">What the help says of it.</param>
/// <param name="Options">Each with what its value can be; null where it takes none.</param>
/// <param name="Arguments">By place.</param>
/// <param name="Repeats">Whether the last argument may be given again and again.</param>
internal sealed record CompletionCommand(
    string Path,
    string Description,
    IReadOnlyList<(OptionEntry Option, CompletionValue? Value)> Options,
    IReadOnlyList<CompletionValue> Arguments,
    bool Repeats
)
{
    /// <summary>As bash and zsh match a command with a place: one that repeats matches from there on.</summary>
    public string PatternAt(int place) => Repeats && place == Arguments.Count - 1 ? $"'{Path} '*" : $"'{Path} {place}'";
}

/// <summary>
/// What shells complete, from the table of commands, the presets and the schema of specs: a new one of each is there
/// by itself.
/// </summary>
/// <param name="commands">The table.</param>
/// <param name="words">What options of commands take, by their names.</param>
internal sealed class CompletionModel(
    IReadOnlyList<CommandEntry> commands,
    IReadOnlyDictionary<string, Func<IEnumerable<string>>> words
)
{
    /// <summary>Shells there is a script for.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    private const string Official = "OFFICIAL";

    /// <summary>What an option that is called by its own name takes; others are known by what stands for their
    /// value.</summary>
    public static Dictionary<string, Func<IEnumerable<string>>> SpecSuggestions { get; } =
        new(StringComparer.Ordinal)
        {
            ["--data"] = () => DataCatalog.Names,
            ["--loss"] = () => LossCatalog.Names,
            ["--format"] = () => FormatCatalog.Names,
            ["--operator"] = () => InspectionOptions.Operators,
            ["--question"] = () => QuestionCatalog.Questions.Select(question => question.Name),
        };

    /// <summary>Every command that does something.</summary>
    public IReadOnlyList<CompletionCommand> Commands =>
        field ??= [.. commands.SelectMany(command => Flat(command, ""))];

    /// <summary>The first words of commands, with what is below them.</summary>
    public IReadOnlyList<CommandEntry> Entries => commands;

    /// <summary>Names of the options that take a value, whichever command has them.</summary>
    public IReadOnlyList<string> Valued =>
        [
            .. Commands
                .SelectMany(command => command.Options)
                .Where(one => one.Value is not null)
                .Select(one => one.Option.Name)
                .Distinct(),
        ];

    /// <summary>Commands with an option each, quoted for bash and zsh, by what can be its value.</summary>
    /// <param name="act">What the shell does for a value.</param>
    public IEnumerable<(string Patterns, string Act)> ValuesBy(Func<CompletionValue, string> act) =>
        Commands
            .SelectMany(command =>
                command
                    .Options.Where(one => one.Value is not null)
                    .Select(one => (Pattern: $"'{command.Path} {one.Option.Name}'", Act: act(one.Value!)))
            )
            .GroupBy(one => one.Act)
            .Select(same => (string.Join('|', same.Select(one => one.Pattern)), same.Key));

    /// <summary>Commands that only have others below them, with those.</summary>
    public IReadOnlyList<CommandEntry> Branches => [.. commands.Where(command => command.Commands.Count > 0)];

    /// <summary>Keys of specs and sweeps.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [.. SpecSchema.Keys.Select(key => key.Path), .. SweepSpecReader.OwnKeys];

    /// <summary>The keys that take one of some words, with them.</summary>
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
                            (option, option.Value is null ? null : CreateValue(option.Name, option.Value))
                        ),
                    ],
                    [
                        .. command.Arguments.Select(argument =>
                            CreateValue("", ValueAt($"{above}{command.Name}", argument.Value))
                        ),
                    ],
                    command.Arguments is [.., { Repeats: true }]
                ),
            ];

    /// <summary>`data get` completes only the data sets that have official files.</summary>
    private static string ValueAt(string path, string value) => path == "data get" ? Official : value;

    private CompletionValue CreateValue(string option, string value) =>
        value switch
        {
            _ when words.TryGetValue(option, out var known) => new([.. known()]),
            "KEY=VALUE" => new([], Keys: true),
            "SPEC" or "MODEL" => new(SpecReader.AllPresets, Results: true, Files: true),
            "RUN" or "FOLDER" => new([], Results: true),
            "DIR" => new([], Folders: true),
            "FILE" or "PATH" or "SCRIPT" => new([], Files: true),
            "SHELL" => new(Shells),
            Official => new([.. OfficialFiles.Names]),
            "NAME" when option.Length == 0 => new([.. DataCatalog.Names]),
            _ => new([]),
        };
}
