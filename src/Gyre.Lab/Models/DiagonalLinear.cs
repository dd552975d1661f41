using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A diagonal linear network of depth D: f(x) = x ∘ Π_d theta[d, :]. Its only parameter is <c>theta</c>
/// <c>[D, w]</c>, with w the width of the input and output. Its loss on data.name = targets has closed forms
/// (docs/theory.md).
/// </summary>
internal sealed class DiagonalLinear : Network
{
    private readonly Parameter _theta;

    /// <summary>
    /// Builds and initializes the network. The initialization rule draws every factor as a weight of fan-in 1.
    /// </summary>
    /// <exception cref="ModelException">The number of outputs differs from the number of inputs.</exception>
    /// <exception cref="ArgumentException">A name is not in its catalog.</exception>
    public DiagonalLinear(ModelRequest request)
        : base(nameof(DiagonalLinear))
    {
        ArgumentNullException.ThrowIfNull(request);
        var width = request.InputShape.Aggregate(1L, (product, size) => product * size);
        if (width != request.Outputs)
            throw new ModelException(
                "model.name = \"diagonal-linear\" multiplies each input by a number, so it needs as many "
                    + $"outputs as inputs; the data has {width} inputs and {request.Outputs} outputs. data.name = "
                    + "\"targets\" fits."
            );
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)request.Seed, CPU);
        var rule = Initializations.Get(request.Initialisation);
        _theta = Own("theta", rule([request.Depth * width, 1], generator).Weight.view(request.Depth, width), request);
    }

    /// <summary>
    /// Returns outputs <c>[N, w]</c> for inputs <c>[N, w]</c>. Factors are multiplied one by one, so that derivatives
    /// are correct even if a factor is 0.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var product = input.flatten(1);
        for (var d = 0; d < _theta.shape[0]; d++)
            product = product.mul(_theta.select(0, d));
        return product.MoveToOuterDisposeScope();
    }
}
