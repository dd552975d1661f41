using System.Reflection;
using System.Xml.Linq;
using Gyre.App.Completion;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>
/// Every command, option and argument, read from the parser's configuration, so that no second list can be out of
/// date.
/// </summary>
internal static class CommandTable
{
    private const int Wide = 100_000; // the parser wraps its document at the console's width

    private static readonly Lazy<IReadOnlyList<CommandEntry>> Read = new(() => Entries(Document().Root!));
    private static readonly Lazy<(string[] All, string[] Valued)> OptionLists = new(FromSettings);

    /// <summary>The commands. Reading them builds the parser's model, which takes a tenth of a second.</summary>
    public static IReadOnlyList<CommandEntry> Commands => Read.Value;

    /// <summary>Every option of any command, with its dashes.</summary>
    public static IReadOnlyList<string> Options => OptionLists.Value.All;

    /// <summary>The options that take a value.</summary>
    public static IReadOnlyList<string> ValuedOptions => OptionLists.Value.Valued;

    /// <summary>Returns the names of a command's subcommands, or those of the top-level commands for null.</summary>
    public static IReadOnlyList<string> NamesBelow(string? branch)
    {
        var commands = branch is null
            ? Commands
            : Commands.FirstOrDefault(command => command.Name == branch)?.Commands ?? [];
        return [.. commands.Select(command => command.Name)];
    }

    /// <summary>
    /// Reads the options without the parser, whose start takes a fifth of a second, because every start needs them.
    /// </summary>
    private static (string[] All, string[] Valued) FromSettings()
    {
        var options = typeof(CommandTable)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CommandSettings)))
            .SelectMany(type =>
                type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            )
            .Select(property => property.GetCustomAttribute<CommandOptionAttribute>())
            .OfType<CommandOptionAttribute>()
            .ToArray();
        static string[] Long(IEnumerable<CommandOptionAttribute> options) =>
            [.. options.SelectMany(option => option.LongNames).Distinct().Select(name => $"--{name}")];
        return ([.. Long(options), "--help", "--version"], Long(options.Where(option => option.ValueName is not null)));
    }

    private static XDocument Document()
    {
        var text = new StringWriter();
        var console = Voice.Plain(text);
        console.Profile.Width = Wide;
        using var signals = new StopSignals();
        CommandLine.Build(signals, console: console).Run(["cli", "xmldoc"]);
        return XDocument.Parse(text.ToString());
    }

    private static IReadOnlyList<CommandEntry> Entries(XElement above) => [.. above.Elements("Command").Select(Entry)];

    private static CommandEntry Entry(XElement command)
    {
        var parameters = command.Element("Parameters");
        return new CommandEntry(
            Attribute(command, "Name"),
            Description(command),
            [
                .. parameters?.Elements("Option").Where(option => Attribute(option, "Long").Length > 0).Select(Option)
                    ?? [],
            ],
            [.. parameters?.Elements("Argument").OrderBy(Position).Select(Argument) ?? []],
            Entries(command)
        );
    }

    private static OptionEntry Option(XElement option)
    {
        var value = Attribute(option, "Value") is { Length: > 0 } given and not "NULL" ? given : null;
        return new OptionEntry($"--{Attribute(option, "Long").Split(',')[0]}", value, Description(option));
    }

    private static ArgumentEntry Argument(XElement argument) =>
        new(Attribute(argument, "Name"), Attribute(argument, "Kind") == "vector");

    private static int Position(XElement argument) => (int?)argument.Attribute("Position") ?? 0;

    private static string Attribute(XElement element, string name) => (string?)element.Attribute(name) ?? "";

    private static string Description(XElement element) => element.Element("Description")?.Value.Trim() ?? "";
}
