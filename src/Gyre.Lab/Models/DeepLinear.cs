using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A deep linear network without biases: f(x) = W_L … W_1 x. Parameters: <c>layer0.weight</c>
/// <c>[fan_out, fan_in]</c>, <c>layer1.weight</c>, ...
/// </summary>
internal sealed class DeepLinear : Network
{
    private readonly List<Parameter> _layers = [];

    /// <summary>Builds and initializes the network; equal requests give equal parameters.</summary>
    /// <exception cref="ArgumentException">A width is below 1, or a name is not in its catalog.</exception>
    public DeepLinear(ModelRequest request)
        : base(nameof(DeepLinear))
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Widths.Any(width => width < 1))
            throw new ArgumentException(
                $"Every width must be at least 1; got {string.Join(", ", request.Widths)}.",
                nameof(request)
            );
        long[] widths =
        [
            request.InputShape.Aggregate(1L, (product, size) => product * size),
            .. request.Widths.Select(width => (long)width),
            request.Outputs,
        ];
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)request.Seed, CPU);
        var initialise = Initializations.Get(request.Initialisation);
        for (var layer = 0; layer + 1 < widths.Length; layer++)
            _layers.Add(
                Own($"layer{layer}.weight", initialise([widths[layer + 1], widths[layer]], generator).Weight, request)
            );
    }

    /// <summary>Returns outputs <c>[N, outputs]</c> for inputs <c>[N, ...]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var hidden = input.flatten(1);
        foreach (var weight in _layers)
            hidden = nn.functional.linear(hidden, weight);
        return hidden.MoveToOuterDisposeScope();
    }
}
