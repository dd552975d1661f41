using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A causal transformer for token sequences (Radford et al. 2019): token embeddings, learned positions, blocks
/// (<see cref="TransformerBlock"/>) in which each position attends to itself and the positions before it, the norm,
/// and a linear layer. It predicts one class at every position. Parameters: <c>tokens</c> <c>[vocabulary, width]</c>,
/// <c>positions</c> <c>[T, width]</c>, <c>block0.norm0.weight</c>, ..., <c>norm.weight</c>, <c>norm.bias</c>,
/// <c>head.weight</c>, <c>head.bias</c>.
/// </summary>
internal sealed class SequenceTransformer : Network
{
    private readonly Parameter _tokens;
    private readonly Parameter _positions;
    private readonly List<TransformerBlock> _blocks = [];
    private readonly Norm? _norm;
    private readonly Dense _head;
    private readonly Tensor _mask;

    /// <summary>
    /// Builds and initializes the network; equal requests give equal parameters. The size of the vocabulary is the
    /// number of outputs.
    /// </summary>
    /// <exception cref="ModelException">A sample is not a row of tokens.</exception>
    /// <exception cref="ArgumentException">A name is not in its catalog.</exception>
    public SequenceTransformer(ModelRequest request)
        : base(nameof(SequenceTransformer))
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.InputShape is not [var length])
            throw new ModelException(
                "model.name = \"sequence-transformer\" reads rows of tokens, [T], but a sample of this data "
                    + $"is [{string.Join(", ", request.InputShape)}]. model.name = \"vit\" is the transformer of "
                    + "images."
            );
        using var make = new LayerMaker(this, request);
        _tokens = make.Embedding("tokens", request.Outputs, request.Width);
        _positions = make.Embedding("positions", length, request.Width);
        var scale = TransformerBlock.Scale(this, request);
        for (var block = 0; block < request.Depth; block++)
            _blocks.Add(new TransformerBlock(make, $"block{block}", request, scale));
        _norm = make.TokenNorm("norm", request.Width);
        _head = make.Dense("head", request.Width, request.Outputs);
        using var scope = NewDisposeScope();
        _mask = Constant(full([length, length], double.NegativeInfinity, device: CPU).triu(1), request);
    }

    /// <summary>Returns logits <c>[N, vocabulary, T]</c> for tokens <c>[N, T]</c>, int64.</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var hidden = _tokens
            .index_select(0, input.flatten())
            .view(input.shape[0], input.shape[1], _tokens.shape[1])
            .add(_positions);
        foreach (var block in _blocks)
            hidden = block.Apply(hidden, _mask);
        hidden = _norm?.Apply(hidden, hidden.shape[0]) ?? hidden;
        return _head.Apply(hidden).transpose(1, 2).MoveToOuterDisposeScope();
    }
}
