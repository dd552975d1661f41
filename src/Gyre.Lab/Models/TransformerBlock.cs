using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A pre-norm transformer block: x + attention(norm(x)), then x + dense(activation(dense(norm(x)))) with a hidden
/// layer of four times the width (Vaswani et al. 2017). Attention is written out as softmax(QKᵀ/√d)·V, because
/// libtorch's own has no second derivative. Parameters: <c>name.norm0</c>, <c>name.qkv</c> (queries, keys and values
/// stacked), <c>name.out</c>, <c>name.norm1</c>, <c>name.up</c>, <c>name.down</c>, each with weight and bias.
/// </summary>
internal sealed class TransformerBlock
{
    private readonly Norm? _attentionNorm;
    private readonly Dense _qkv;
    private readonly Dense _out;
    private readonly Norm? _denseNorm;
    private readonly Dense _up;
    private readonly Dense _down;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly int _heads;
    private readonly Tensor _scale;

    /// <param name="make">Makes the layers of the network that the block belongs to.</param>
    /// <param name="name">Prefix of the parameters' names.</param>
    /// <param name="request">Specifies width, heads, norm and activation.</param>
    /// <param name="scale">1/√(width/heads), a constant of the network.</param>
    public TransformerBlock(LayerMaker make, string name, ModelRequest request, Tensor scale)
    {
        (_heads, _scale, _activation) = (request.Heads, scale, Activations.Get(request.Activation));
        _attentionNorm = make.TokenNorm($"{name}.norm0", request.Width);
        _qkv = make.Dense($"{name}.qkv", request.Width, 3 * request.Width);
        _out = make.Dense($"{name}.out", request.Width, request.Width);
        _denseNorm = make.TokenNorm($"{name}.norm1", request.Width);
        _up = make.Dense($"{name}.up", request.Width, 4 * request.Width);
        _down = make.Dense($"{name}.down", 4 * request.Width, request.Width);
    }

    /// <summary>Returns the scale of attention, 1/√(width/heads), as a constant of the network.</summary>
    public static Tensor Scale(Network network, ModelRequest request)
    {
        using var scope = NewDisposeScope();
        return network.Constant(tensor(1 / Math.Sqrt((double)request.Width / request.Heads), device: CPU), request);
    }

    /// <summary>
    /// Applies the block to <c>[N, T, width]</c>, keeping the shape. <paramref name="mask"/> <c>[T, T]</c> is added
    /// to the input of the softmax.
    /// </summary>
    public Tensor Apply(Tensor tokens, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        var attended = tokens.add(Attention(_attentionNorm?.Apply(tokens, tokens.shape[0]) ?? tokens, mask));
        var dense = _down.Apply(_activation(_up.Apply(_denseNorm?.Apply(attended, attended.shape[0]) ?? attended)));
        return attended.add(dense).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor tokens, Tensor? mask)
    {
        var (samples, length, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2]);
        var parts = _qkv.Apply(tokens)
            .view(samples, length, 3, _heads, width / _heads)
            .permute(2, 0, 3, 1, 4)
            .reshape(3, samples * _heads, length, width / _heads)
            .unbind(0);
        var scores = parts[0].mul(_scale).bmm(parts[1].transpose(1, 2));
        var shares = (mask is null ? scores : scores.add(mask)).softmax(2);
        var attended = shares
            .bmm(parts[2])
            .view(samples, _heads, length, width / _heads)
            .transpose(1, 2)
            .reshape(samples, length, width);
        return _out.Apply(attended);
    }
}
