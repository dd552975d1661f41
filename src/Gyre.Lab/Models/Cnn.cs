using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A small convolutional network: for each width a 3×3 convolution, the norm, the activation and 2×2 average pooling
/// (smooth, whereas max pooling has kinks), then a linear layer. Parameters: <c>conv0.weight</c>
/// <c>[width, channels, 3, 3]</c>, <c>conv0.bias</c>, <c>norm0.weight</c>, <c>norm0.bias</c>, ...,
/// <c>head.weight</c>, <c>head.bias</c>.
/// </summary>
internal sealed class Cnn : Network
{
    private readonly List<(Convolution Convolution, Norm? Norm)> _layers = [];
    private readonly Dense _head;
    private readonly Func<Tensor, Tensor> _activation;

    /// <summary>Builds and initializes the network; equal requests give equal parameters.</summary>
    /// <exception cref="ModelException">The samples are not images, or are too small for the number of
    /// layers.</exception>
    /// <exception cref="ArgumentException">A width is below 1, or a name is not in its catalog.</exception>
    public Cnn(ModelRequest request)
        : base(nameof(Cnn))
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Widths.Any(width => width < 1))
            throw new ArgumentException(
                $"Every width must be at least 1; got {string.Join(", ", request.Widths)}.",
                nameof(request)
            );
        var image = ImageShape.FromRequest(request, "cnn");
        var (height, width) = image.Halved(request.Widths.Count, "cnn");
        _activation = Activations.Get(request.Activation);
        using var make = new LayerMaker(this, request);
        var channels = image.Channels;
        foreach (var next in request.Widths)
        {
            _layers.Add(
                (
                    make.Convolution($"conv{_layers.Count}", channels, next, 3),
                    make.ImageNorm($"norm{_layers.Count}", next)
                )
            );
            channels = next;
        }
        _head = make.Dense("head", channels * height * width, request.Outputs);
    }

    /// <summary>Returns outputs <c>[N, outputs]</c> for images <c>[N, H, W]</c> or <c>[N, C, H, W]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var hidden = Images(input);
        foreach (var (convolution, norm) in _layers)
        {
            hidden = convolution.Apply(hidden);
            hidden = nn.functional.avg_pool2d(_activation(norm?.Apply(hidden, input.shape[0]) ?? hidden), 2);
        }
        return _head.Apply(hidden.narrow(0, 0, input.shape[0]).flatten(1)).MoveToOuterDisposeScope();
    }
}
