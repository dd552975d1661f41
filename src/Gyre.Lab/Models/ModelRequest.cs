using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>The input of a model builder: the [model] section, and what follows from the data and the spec.</summary>
internal sealed record ModelRequest : ModelSpec
{
    /// <summary>Creates a request with default values.</summary>
    public ModelRequest() { }

    /// <summary>Creates a request from a [model] section.</summary>
    public ModelRequest(ModelSpec spec)
        : base(spec) { }

    /// <summary>Shape of one sample, without the batch dimension.</summary>
    public required IReadOnlyList<long> InputShape { get; init; }

    /// <summary>Width of the output: the number of classes or targets.</summary>
    public required long Outputs { get; init; }

    /// <summary>Seed of the initialization.</summary>
    public required long Seed { get; init; }

    /// <summary>The dtype of the parameters.</summary>
    public required ScalarType Dtype { get; init; }

    /// <summary>The device of the parameters.</summary>
    public required Device Device { get; init; }

    /// <summary>Whether a sample is a row of tokens, int64; otherwise it consists of real numbers.</summary>
    public bool Tokens { get; init; }
}
