using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// ResNet for small images (He et al. 2016, section 4.2): a 3×3 convolution, three stages of n blocks with two
/// convolutions each and w, 2w and 4w channels, the mean over the image, and a linear layer; 6n + 2 layers in total.
/// At the blocks that double the channels, the shortcut takes every second pixel and pads with zero channels (option
/// A, without parameters). Convolutions have a bias only if there is no norm. Parameters: <c>conv0.weight</c>,
/// <c>norm0.weight</c>, <c>norm0.bias</c>, <c>block0.conv0.weight</c>, <c>block0.norm0.weight</c>,
/// <c>block0.norm0.bias</c>, <c>block0.conv1.weight</c>, ..., <c>head.weight</c>, <c>head.bias</c>.
/// </summary>
internal sealed class ResNet : Network
{
    private readonly ConvolutionAndNorm _stem;
    private readonly List<(ConvolutionAndNorm First, ConvolutionAndNorm Second)> _blocks = [];
    private readonly Dense _head;
    private readonly Func<Tensor, Tensor> _activation;

    /// <summary>Builds and initializes the network; equal requests give equal parameters.</summary>
    /// <exception cref="ModelException">The samples are not images, or are smaller than 4×4.</exception>
    /// <exception cref="ArgumentException">A name is not in its catalog.</exception>
    public ResNet(ModelRequest request)
        : base(nameof(ResNet))
    {
        ArgumentNullException.ThrowIfNull(request);
        var image = ImageShape.FromRequest(request, "resnet");
        image.Halved(2, "resnet");
        _activation = Activations.Get(request.Activation);
        using var make = new LayerMaker(this, request);
        ConvolutionAndNorm Layer(string prefix, int number, long from, long to) =>
            new(
                make.Convolution(
                    $"{prefix}conv{number}",
                    from,
                    to,
                    3,
                    to == 2 * from ? 2 : 1,
                    withBias: request.Norm == NormNames.None
                ),
                make.ImageNorm($"{prefix}norm{number}", to)
            );
        _stem = new(
            make.Convolution("conv0", image.Channels, request.Width, 3, withBias: request.Norm == NormNames.None),
            make.ImageNorm("norm0", request.Width)
        );
        var (channels, perStage) = ((long)request.Width, (request.Depth - 2) / 6);
        for (var block = 0; block < 3 * perStage; block++)
        {
            var next = (long)request.Width << (block / perStage);
            _blocks.Add((Layer($"block{block}.", 0, channels, next), Layer($"block{block}.", 1, next, next)));
            channels = next;
        }
        _head = make.Dense("head", channels, request.Outputs);
    }

    /// <summary>Returns outputs <c>[N, outputs]</c> for images <c>[N, H, W]</c> or <c>[N, C, H, W]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var samples = input.shape[0];
        var hidden = _activation(_stem.Apply(Images(input), samples));
        foreach (var (first, second) in _blocks)
            hidden = _activation(
                second.Apply(_activation(first.Apply(hidden, samples)), samples).add(Shortcut(hidden, second.Channels))
            );
        return _head.Apply(hidden.mean([2, 3]).narrow(0, 0, samples)).MoveToOuterDisposeScope();
    }

    private static Tensor Shortcut(Tensor input, long channels)
    {
        var missing = channels - input.shape[1];
        if (missing == 0)
            return input;
        using var scope = NewDisposeScope();
        var half = input.slice(2, 0, input.shape[2], 2).slice(3, 0, input.shape[3], 2);
        return nn.functional.pad(half, [0, 0, 0, 0, missing / 2, missing - missing / 2]).MoveToOuterDisposeScope();
    }

    private sealed record ConvolutionAndNorm(Convolution Convolution, Norm? Norm)
    {
        public long Channels => Convolution.Weight.shape[0];

        public Tensor Apply(Tensor input, long samples)
        {
            var convolved = Convolution.Apply(input);
            return Norm?.Apply(convolved, samples) ?? convolved;
        }
    }
}
