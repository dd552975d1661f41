using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A fully connected network: flattens the input, then applies linear layers with an activation between them (none
/// after the last). It has Σ_l (fan_in_l + 1)·fan_out_l parameters, named <c>layer0.weight</c>
/// <c>[fan_out, fan_in]</c>, <c>layer0.bias</c> <c>[fan_out]</c>, ...
/// </summary>
internal sealed class Mlp : Network
{
    private readonly List<Dense> _layers = [];
    private readonly Func<Tensor, Tensor> _activation;

    /// <summary>Builds and initializes the network; equal requests give equal parameters.</summary>
    /// <exception cref="ArgumentException">A width is below 1, or a name is not in its catalog.</exception>
    public Mlp(ModelRequest request)
        : base(nameof(Mlp))
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Widths.Any(width => width < 1))
            throw new ArgumentException(
                $"Every width must be at least 1; got {string.Join(", ", request.Widths)}.",
                nameof(request)
            );
        _activation = Activations.Get(request.Activation);
        long[] widths =
        [
            request.InputShape.Aggregate(1L, (product, size) => product * size),
            .. request.Widths.Select(width => (long)width),
            request.Outputs,
        ];
        using var make = new LayerMaker(this, request);
        for (var layer = 0; layer + 1 < widths.Length; layer++)
            _layers.Add(make.Dense($"layer{layer}", widths[layer], widths[layer + 1]));
    }

    /// <summary>Returns logits <c>[N, outputs]</c> for inputs <c>[N, ...]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var hidden = input.flatten(1);
        for (var layer = 0; layer < _layers.Count; layer++)
        {
            hidden = _layers[layer].Apply(hidden);
            if (layer + 1 < _layers.Count)
                hidden = _activation(hidden);
        }
        return hidden.MoveToOuterDisposeScope();
    }
}
