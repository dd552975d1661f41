using System.Reflection;
using System.Xml.Linq;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>A command as the parser has it.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Description">What the help says of it.</param>
/// <param name="Options">Its options, without those that every command has from the parser.</param>
/// <param name="Arguments">What is named in its place, in order: SPEC, FOLDER, …</param>
/// <param name="Commands">Those below it; none of a command that does something.</param>
internal sealed record CommandEntry(
    string Name, string Description, IReadOnlyList<OptionEntry> Options, IReadOnlyList<ArgumentEntry> Arguments,
    IReadOnlyList<CommandEntry> Commands);

/// <summary>An option of a command.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What stands for its value; null where it takes none.</param>
/// <param name="Description">What the help says of it.</param>
internal sealed record OptionEntry(string Name, string? Value, string Description);

/// <summary>An argument of a command.</summary>
/// <param name="Value">What stands for it in the help.</param>
/// <param name="Repeats">Whether it may be given again and again.</param>
internal sealed record ArgumentEntry(string Value, bool Repeats);

/// <summary>
/// Every command, option and argument, from what the parser is configured with: what is written nowhere else is
/// forgotten nowhere.
/// </summary>
internal static class CommandTable
{
    private const int Wide = 100_000; // the parser folds its document at the console's width

    private static readonly Lazy<IReadOnlyList<CommandEntry>> Read = new(() => Entries(Document().Root!));
    private static readonly Lazy<(string[] All, string[] Valued)> Words = new(FromSettings);

    /// <summary>The commands. Cost: the parser's own model, a tenth of a second.</summary>
    public static IReadOnlyList<CommandEntry> Commands => Read.Value;

    /// <summary>Every option of any command, with its dashes.</summary>
    public static IReadOnlyList<string> Options => Words.Value.All;

    /// <summary>Those that take a value.</summary>
    public static IReadOnlyList<string> ValuedOptions => Words.Value.Valued;

    /// <summary>Names of the commands below one; of the first ones for no word.</summary>
    public static IReadOnlyList<string> NamesBelow(string? branch)
    {
        var commands = branch is null ? Commands : Commands.FirstOrDefault(command => command.Name == branch)?.Commands ?? [];
        return [.. commands.Select(command => command.Name)];
    }

    /// <summary>Known without the parser, whose start takes a fifth of a second: every start asks.</summary>
    private static (string[] All, string[] Valued) FromSettings()
    {
        var options = typeof(CommandTable).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(CommandSettings)))
            .SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(property => property.GetCustomAttribute<CommandOptionAttribute>()).OfType<CommandOptionAttribute>().ToArray();
        static string[] Long(IEnumerable<CommandOptionAttribute> options) =>
            [.. options.SelectMany(option => option.LongNames).Distinct().Select(name => $"--{name}")];
        return ([.. Long(options), "--help", "--version"], Long(options.Where(option => option.ValueName is not null)));
    }

    private static XDocument Document()
    {
        var text = new StringWriter();
        var console = Voice.Plain(text);
        console.Profile.Width = Wide;
        CommandLine.Build(console: console).Run(["cli", "xmldoc"]);
        return XDocument.Parse(text.ToString());
    }

    private static IReadOnlyList<CommandEntry> Entries(XElement above) => [.. above.Elements("Command").Select(Entry)];

    private static CommandEntry Entry(XElement command)
    {
        var parameters = command.Element("Parameters");
        return new CommandEntry(
            Attribute(command, "Name"), Description(command),
            [.. parameters?.Elements("Option").Where(option => Attribute(option, "Long").Length > 0).Select(Option) ?? []],
            [.. parameters?.Elements("Argument").OrderBy(Position).Select(Argument) ?? []], Entries(command));
    }

    private static OptionEntry Option(XElement option)
    {
        var value = Attribute(option, "Value") is { Length: > 0 } given and not "NULL" ? given : null;
        return new OptionEntry($"--{Attribute(option, "Long").Split(',')[0]}", value, Description(option));
    }

    private static ArgumentEntry Argument(XElement argument) => new(Attribute(argument, "Name"), Attribute(argument, "Kind") == "vector");

    private static int Position(XElement argument) => (int?)argument.Attribute("Position") ?? 0;

    private static string Attribute(XElement element, string name) => (string?)element.Attribute(name) ?? "";

    private static string Description(XElement element) => element.Element("Description")?.Value.Trim() ?? "";
}
