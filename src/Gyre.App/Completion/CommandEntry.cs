namespace Gyre.App.Completion;

/// <summary>A command as the parser describes it.</summary>
/// <param name="Name">The command as it is typed.</param>
/// <param name="Description">The description in the help.</param>
/// <param name="Options">Its options, except those that the parser gives to every command.</param>
/// <param name="Arguments">The names of its arguments, in order: SPEC, FOLDER, …</param>
/// <param name="Commands">The subcommands; empty for a command that does something itself.</param>
internal sealed record CommandEntry(
    string Name,
    string Description,
    IReadOnlyList<OptionEntry> Options,
    IReadOnlyList<ArgumentEntry> Arguments,
    IReadOnlyList<CommandEntry> Commands
);

/// <summary>An option of a command.</summary>
/// <param name="Name">The name, with its dashes.</param>
/// <param name="Value">The placeholder for its value; null if it takes none.</param>
/// <param name="Description">The description in the help.</param>
internal sealed record OptionEntry(string Name, string? Value, string Description);

/// <summary>An argument of a command.</summary>
/// <param name="Value">Its placeholder in the help.</param>
/// <param name="Repeats">Whether it may be given repeatedly.</param>
internal sealed record ArgumentEntry(string Value, bool Repeats);
