using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>A command of the catalog, or a word that only has commands below it.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Description">In the help.</param>
/// <param name="Examples">In the help, without the program's name; no word of them has a space in it.</param>
internal sealed record CatalogCommand(string Name, string Description, IReadOnlyList<string> Examples)
{
    /// <summary>Makes a command known to the parser.</summary>
    public Func<IConfigurator, ICommandConfigurator>? AddTo { get; init; }

    /// <summary>Makes it known below another word.</summary>
    public Func<IConfigurator<CommandSettings>, ICommandConfigurator>? AddBelow { get; init; }

    /// <summary>Commands below it.</summary>
    public IReadOnlyList<CatalogCommand> Below { get; init; } = [];

    /// <summary>Makes it known to the parser, with all that the help says of it.</summary>
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
