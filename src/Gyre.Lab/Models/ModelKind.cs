namespace Gyre.Lab.Models;

/// <summary>The depths that a network supports, as a description and as a rule.</summary>
internal sealed record DepthRule(string Description, Func<int, bool> Allows);

/// <summary>
/// An entry of the model catalog: how the network is built, which parts of a <see cref="ModelSpec"/> it reads, and
/// its own defaults.
/// </summary>
/// <param name="Name">The value of <c>model.name</c> in a spec.</param>
/// <param name="Make">Builds the network from a request in which all defaults are filled in.</param>
internal sealed record ModelKind(string Name, Func<ModelRequest, Network> Make)
{
    /// <summary>The default hidden widths; empty if they cannot be set.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [];

    /// <summary>The default width; 0 if it cannot be set.</summary>
    public int Width { get; init; }

    /// <summary>The default depth; 0 if it cannot be set.</summary>
    public int Depth { get; init; }

    /// <summary>The supported depths; null for any.</summary>
    public DepthRule? Depths { get; init; }

    /// <summary>The supported norms; the first is the default.</summary>
    public IReadOnlyList<string> Norms { get; init; } = [NormNames.None];

    /// <summary>The default number of attention heads; 0 if the network has none.</summary>
    public int Heads { get; init; }

    /// <summary>The default patch size in pixels; 0 if the network has no patches.</summary>
    public int Patch { get; init; }

    /// <summary>Whether the pooling can be chosen.</summary>
    public bool HasPooling { get; init; }

    /// <summary>Whether the activation can be chosen.</summary>
    public bool HasActivation { get; init; } = true;

    /// <summary>Whether the network reads tokens, int64; other networks read real numbers.</summary>
    public bool ReadsTokens { get; init; }

    /// <summary>Whether the network comes from a file, which alone determines its inputs.</summary>
    public bool IsFile { get; init; }

    /// <summary>Whether the file contains code by its author, which is run.</summary>
    public bool RunsCode { get; init; }

    /// <summary>Builds the network on the request's device, in its dtype; the caller disposes it.</summary>
    /// <exception cref="ModelException">The network does not suit the data, or does not support the requested depth,
    /// norm or number of heads.</exception>
    /// <exception cref="ArgumentException">A width is below 1, or a name is not in its catalog.</exception>
    public Network Build(ModelRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Mistakes(request) is [var (key, problem), ..])
            throw new ModelException($"{key}: {problem}.");
        if (request.Tokens != ReadsTokens && !IsFile)
        {
            throw new ModelException(
                ReadsTokens
                    ? $"model.name = \"{Name}\" reads tokens (integers), but this data has numbers. "
                        + $"Choose data of tokens, or one of the models of numbers: {DescribeOtherKind()}."
                    : $"model.name = \"{Name}\" reads numbers, but this data has tokens. {DescribeOtherKind()} "
                        + "reads them."
            );
        }
        return Make((ModelRequest)Whole(request));
    }

    /// <summary>Returns the spec with the network's own defaults filled in.</summary>
    public ModelSpec Whole(ModelSpec given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return given with
        {
            Width = given.Width == 0 ? Width : given.Width,
            Depth = given.Depth == 0 ? Depth : given.Depth,
            Norm = given.Norm == ModelSpec.OwnNorm ? Norms[0] : given.Norm,
            Heads = given.Heads == 0 ? Heads : given.Heads,
            Patch = given.Patch == 0 ? Patch : given.Patch,
        };
    }

    /// <summary>
    /// Returns everything in the spec that prevents this network from being built: the key, what is wrong and what is
    /// allowed.
    /// </summary>
    public IReadOnlyList<(string Key, string Problem)> Mistakes(ModelSpec given)
    {
        var whole = Whole(given);
        var mistakes = new List<(string, string)>();
        if (!Norms.Contains(whole.Norm))
            mistakes.Add(
                (
                    "model.norm",
                    $"\"{whole.Norm}\" is not a norm of model.name = \"{Name}\", which has "
                        + $"{string.Join(", ", Norms.Select(norm => $"\"{norm}\""))}"
                )
            );
        if (Depths is not null && !Depths.Allows(whole.Depth))
            mistakes.Add(
                (
                    "model.depth",
                    $"{whole.Depth} is not a depth of model.name = \"{Name}\", which has {Depths.Description}"
                )
            );
        if (Heads > 0 && whole.Width % whole.Heads != 0)
            mistakes.Add(
                (
                    "model.heads",
                    $"{whole.Heads} must divide the width of model.name = \"{Name}\", which is {whole.Width}: "
                        + "every head has an equal part of it"
                )
            );
        if (IsFile && whole.File.Length == 0)
            mistakes.Add(
                ("model.file", $"is missing: model.name = \"{Name}\" comes from a file. {Torch.ModelFile.HowToExport}")
            );
        if (!IsFile && whole.File.Length > 0)
            mistakes.Add(
                (
                    "model.file",
                    $"\"{whole.File}\" is one network, and model.name = \"{Name}\" is another: remove one of the two"
                )
            );
        return mistakes;
    }

    /// <summary>Describes the network in one line, with only the keys that it reads.</summary>
    public string Describe(ModelSpec given)
    {
        var whole = Whole(given);
        var parts = new[]
        {
            Name
                + (IsFile ? $" {System.IO.Path.GetFileName(whole.File)}" : "")
                + (Widths.Count > 0 ? $" {string.Join("-", whole.Widths)}" : "")
                + (HasActivation ? $" {whole.Activation}" : ""),
            Depth > 0 ? $"depth {whole.Depth}" : "",
            Width > 0 ? $"width {whole.Width}" : "",
            Heads > 0 ? $"heads {whole.Heads}" : "",
            Patch > 0 ? $"patch {whole.Patch}" : "",
            HasPooling ? whole.Pooling : "",
            Norms.Count > 1 ? $"norm {whole.Norm}" : "",
            whole.Weights.Length > 0 ? $"weights {System.IO.Path.GetFileName(whole.Weights)}" : "",
        };
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private string DescribeOtherKind() =>
        string.Join(
            ", ",
            ModelCatalog
                .Kinds.Where(kind => kind.ReadsTokens != ReadsTokens && !kind.IsFile)
                .Select(kind => $"\"{kind.Name}\"")
        );
}
