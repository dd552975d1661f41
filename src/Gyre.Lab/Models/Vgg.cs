using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// VGG for small images (Simonyan and Zisserman 2015, configuration A): eight 3×3 convolutions with w, 2w, 4w, 4w,
/// 8w, 8w, 8w and 8w channels, each followed by the norm and the activation, five of them also by 2×2 max pooling;
/// then dense layers of width 8w, three for depth 11 and two for depth 10. Parameters: <c>conv0.weight</c>
/// <c>[w, channels, 3, 3]</c>, <c>conv0.bias</c>, <c>norm0.weight</c>, <c>norm0.bias</c>, ..., <c>dense0.weight</c>,
/// <c>dense0.bias</c>, ...
/// </summary>
internal sealed class Vgg : Network
{
    private const int Convolutions = 8;
    private const int Halvings = 5;

    /// <summary>
    /// The channels of each convolution in units of the width, and whether the image is halved after it.
    /// </summary>
    private static readonly (int Factor, bool Halved)[] Plan =
    [
        (1, true),
        (2, true),
        (4, false),
        (4, true),
        (8, false),
        (8, true),
        (8, false),
        (8, true),
    ];

    private readonly List<(Convolution Convolution, Norm? Norm)> _layers = [];
    private readonly List<Dense> _dense = [];
    private readonly Func<Tensor, Tensor> _activation;

    /// <summary>Builds and initializes the network; equal requests give equal parameters.</summary>
    /// <exception cref="ModelException">The samples are not images, or are smaller than 32×32.</exception>
    /// <exception cref="ArgumentException">A name is not in its catalog.</exception>
    public Vgg(ModelRequest request)
        : base(nameof(Vgg))
    {
        ArgumentNullException.ThrowIfNull(request);
        var image = ImageShape.FromRequest(request, "vgg");
        var (height, width) = image.Halved(Halvings, "vgg");
        _activation = Activations.Get(request.Activation);
        using var make = new LayerMaker(this, request);
        var channels = image.Channels;
        foreach (var (factor, _) in Plan)
        {
            var next = (long)factor * request.Width;
            _layers.Add(
                (
                    make.Convolution($"conv{_layers.Count}", channels, next, 3),
                    make.ImageNorm($"norm{_layers.Count}", next)
                )
            );
            channels = next;
        }
        var fanIn = channels * height * width;
        for (; _dense.Count < request.Depth - Convolutions - 1; fanIn = channels)
            _dense.Add(make.Dense($"dense{_dense.Count}", fanIn, channels));
        _dense.Add(make.Dense($"dense{_dense.Count}", fanIn, request.Outputs));
    }

    /// <summary>Returns outputs <c>[N, outputs]</c> for images <c>[N, H, W]</c> or <c>[N, C, H, W]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var hidden = Images(input);
        for (var layer = 0; layer < _layers.Count; layer++)
        {
            hidden = _layers[layer].Convolution.Apply(hidden);
            hidden = _activation(_layers[layer].Norm?.Apply(hidden, input.shape[0]) ?? hidden);
            if (Plan[layer].Halved)
                hidden = nn.functional.max_pool2d(hidden, 2);
        }
        hidden = hidden.narrow(0, 0, input.shape[0]).flatten(1);
        for (var layer = 0; layer < _dense.Count; layer++)
            hidden = layer + 1 < _dense.Count ? _activation(_dense[layer].Apply(hidden)) : _dense[layer].Apply(hidden);
        return hidden.MoveToOuterDisposeScope();
    }
}
