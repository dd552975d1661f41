namespace Gyre.App.Completion;

/// <summary>A command as the parser has it.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Description">What the help says of it.</param>
/// <param name="Options">Its options, without those that every command has from the parser.</param>
/// <param name="Arguments">What is named in its place, in order: SPEC, FOLDER, …</param>
/// <param name="Commands">Those below it; none of a command that does something.</param>
internal sealed record CommandEntry(
    string Name,
    string Description,
    IReadOnlyList<OptionEntry> Options,
    IReadOnlyList<ArgumentEntry> Arguments,
    IReadOnlyList<CommandEntry> Commands
);

/// <summary>An option of a command.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What stands for its value; null where it takes none.</param>
/// <param name="Description">What the help says of it.</param>
internal sealed record OptionEntry(string Name, string? Value, string Description);

/// <summary>An argument of a command.</summary>
/// <param name="Value">What stands for it in the help.</param>
/// <param name="Repeats">Whether it may be given again and again.</param>
internal sealed record ArgumentEntry(string Value, bool Repeats);
