using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>A command of the catalog, or a word that only has subcommands.</summary>
/// <param name="Name">The command as it is typed.</param>
/// <param name="Description">The description in the help.</param>
/// <param name="Examples">Examples in the help, without the program's name; no word of them contains a space.</param>
internal sealed record CatalogCommand(string Name, string Description, IReadOnlyList<string> Examples)
{
    /// <summary>Adds the command to the parser.</summary>
    public Func<IConfigurator, ICommandConfigurator>? AddTo { get; init; }

    /// <summary>Adds the command to the parser as a subcommand.</summary>
    public Func<IConfigurator<CommandSettings>, ICommandConfigurator>? AddBelow { get; init; }

    /// <summary>The subcommands.</summary>
    public IReadOnlyList<CatalogCommand> Below { get; init; } = [];

    /// <summary>Adds the command to the parser, with everything the help shows about it.</summary>
    public void Configure(IConfigurator parser)
    {
        if (AddTo is not null)
            Explain(AddTo(parser));
        else
            parser.AddBranch(Name, ConfigureBranch);
    }

    private void ConfigureBranch(IConfigurator<CommandSettings> branch)
    {
        branch.SetDescription(Description);
        foreach (var command in Below)
            command.Explain(command.AddBelow!(branch));
    }

    private void Explain(ICommandConfigurator command)
    {
        command.WithDescription(Description);
        foreach (var example in Examples)
            command.WithExample(example.Split(' '));
    }
}
