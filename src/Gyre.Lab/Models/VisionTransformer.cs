using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// Vision transformer (Dosovitskiy et al. 2021): the image is cut into patches, each embedded by a linear map; then
/// learned positions, blocks (<see cref="TransformerBlock"/>), the norm, and a linear layer on the class token or on
/// the mean of the patches. Parameters: <c>patches.weight</c> <c>[width, channels, patch, patch]</c>,
/// <c>patches.bias</c>, <c>class</c> <c>[1, 1, width]</c> (with a class token), <c>positions</c>
/// <c>[tokens, width]</c>, <c>block0.norm0.weight</c>, ..., <c>norm.weight</c>, <c>norm.bias</c>, <c>head.weight</c>,
/// <c>head.bias</c>.
/// </summary>
internal sealed class VisionTransformer : Network
{
    private readonly Convolution _patches;
    private readonly Parameter? _class;
    private readonly Parameter _positions;
    private readonly List<TransformerBlock> _blocks = [];
    private readonly Norm? _norm;
    private readonly Dense _head;

    /// <summary>Builds and initializes the network; equal requests give equal parameters.</summary>
    /// <exception cref="ModelException">The samples are not images, or the patch size does not divide their height
    /// and width.</exception>
    /// <exception cref="ArgumentException">A name is not in its catalog.</exception>
    public VisionTransformer(ModelRequest request)
        : base(nameof(VisionTransformer))
    {
        ArgumentNullException.ThrowIfNull(request);
        var image = ImageShape.FromRequest(request, "vit");
        if (image.Height % request.Patch != 0 || image.Width % request.Patch != 0)
            throw new ModelException(
                $"model.patch = {request.Patch} must divide the image, but one of this data has "
                    + $"{image.Height}×{image.Width} pixels. Choose a divisor of both."
            );
        var patches = image.Height / request.Patch * (image.Width / request.Patch);
        using var make = new LayerMaker(this, request);
        _patches = make.Convolution("patches", image.Channels, request.Width, request.Patch, request.Patch);
        _class = request.Pooling == ModelSpec.ClassToken ? make.Embedding("class", 1, 1, request.Width) : null;
        _positions = make.Embedding("positions", patches + (_class is null ? 0 : 1), request.Width);
        var scale = TransformerBlock.Scale(this, request);
        for (var block = 0; block < request.Depth; block++)
            _blocks.Add(new TransformerBlock(make, $"block{block}", request, scale));
        _norm = make.TokenNorm("norm", request.Width);
        _head = make.Dense("head", request.Width, request.Outputs);
    }

    /// <summary>Returns outputs <c>[N, outputs]</c> for images <c>[N, H, W]</c> or <c>[N, C, H, W]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var tokens = _patches.Apply(Images(input)).narrow(0, 0, input.shape[0]).flatten(2).transpose(1, 2);
        if (_class is not null)
            tokens = cat([_class.expand(tokens.shape[0], 1, tokens.shape[2]), tokens], 1);
        tokens = tokens.add(_positions);
        foreach (var block in _blocks)
            tokens = block.Apply(tokens);
        tokens = _norm?.Apply(tokens, tokens.shape[0]) ?? tokens;
        return _head.Apply(_class is null ? tokens.mean([1]) : tokens.select(1, 0)).MoveToOuterDisposeScope();
    }
}
