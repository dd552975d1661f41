using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>What a model builder is given: the section [model], and what follows from the data and the spec.</summary>
internal sealed record ModelRequest : ModelSpec
{
    /// <summary>Creates a request of defaults.</summary>
    public ModelRequest() { }

    /// <summary>Creates the request of a section [model].</summary>
    public ModelRequest(ModelSpec spec)
        : base(spec) { }

    /// <summary>Shape of one sample, without the batch dimension.</summary>
    public required IReadOnlyList<long> InputShape { get; init; }

    /// <summary>Width of the output: the number of classes, or of targets.</summary>
    public required long Outputs { get; init; }

    /// <summary>Seed of the initialisation.</summary>
    public required long Seed { get; init; }

    /// <summary>Type of the parameters.</summary>
    public required ScalarType Dtype { get; init; }

    /// <summary>Device of the parameters.</summary>
    public required Device Device { get; init; }

    /// <summary>Whether a sample is a row of tokens, int64; otherwise it is numbers.</summary>
    public bool Tokens { get; init; }
}
