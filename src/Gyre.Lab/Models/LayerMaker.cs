using Gyre.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// Makes the layers of a network one by one. A single seeded generator draws their parameters by the request's rule,
/// and each is registered under its layer's name.
/// </summary>
internal sealed class LayerMaker(Network network, ModelRequest request) : IDisposable
{
    /// <summary>
    /// Standard deviation of token, position and class embeddings. Radford et al. 2019 and Dosovitskiy et al. 2021
    /// both chose this value; the rules based on a layer's fan-in do not apply to embeddings.
    /// </summary>
    private const double EmbeddingDeviation = 0.02;

    /// <summary>
    /// The number of groups of GroupNorm, reduced to its greatest common divisor with the number of channels. Chosen:
    /// Wu and He 2018 use 32 for networks with hundreds of channels; the networks here have 16 to 128.
    /// </summary>
    private const long Groups = 8;

    private readonly Generator _generator = new((ulong)request.Seed);
    private readonly Initialization _rule = Initializations.Get(request.Initialisation);
    private bool _convolves;

    /// <summary>Makes <c>name.weight</c> <c>[fanOut, fanIn]</c> and <c>name.bias</c> <c>[fanOut]</c>.</summary>
    public Dense Dense(string name, long fanIn, long fanOut)
    {
        var (weight, bias) = Draw(name, [fanOut, fanIn], withBias: true);
        return new Dense(weight, bias!);
    }

    /// <summary>
    /// Makes <c>name.weight</c> <c>[to, from, kernel, kernel]</c> and, if requested, <c>name.bias</c> <c>[to]</c>.
    /// </summary>
    public Convolution Convolution(string name, long from, long to, long kernel, long stride = 1, bool withBias = true)
    {
        network.HasNoRemainder &= to % OneDnn.Vector == 0 && (from % OneDnn.Vector == 0 || !_convolves);
        _convolves = true;
        var (weight, bias) = Draw(name, [to, from, kernel, kernel], withBias);
        return new Convolution(weight, bias, stride);
    }

    /// <summary>Makes the parameter <c>name</c>, normal with standard deviation 0.02.</summary>
    public Parameter Embedding(string name, params long[] shape)
    {
        using var scope = NewDisposeScope();
        return network.Own(name, Initializations.Normal(shape, EmbeddingDeviation, _generator), request);
    }

    /// <summary>
    /// Makes the requested norm for images <c>[N, channels, H, W]</c>, with <c>name.weight</c> and <c>name.bias</c>
    /// <c>[channels]</c>; returns null if the request has no norm.
    /// </summary>
    public Norm? ImageNorm(string name, long channels) =>
        request.Norm switch
        {
            NormNames.Batch => Scaled(name, channels, (weight, bias) => network.Register(new BatchNorm(weight, bias))),
            NormNames.Group => Scaled(
                name,
                channels,
                (weight, bias) =>
                    new GroupNorm(
                        weight,
                        bias,
                        (long)System.Numerics.BigInteger.GreatestCommonDivisor(Groups, channels)
                    )
            ),
            NormNames.Layer => Scaled(name, channels, (weight, bias) => new GroupNorm(weight, bias, 1)),
            _ => null,
        };

    /// <summary>
    /// Makes the requested norm for tokens <c>[N, T, width]</c>, with <c>name.weight</c> and <c>name.bias</c>
    /// <c>[width]</c>; returns null if the request has no norm.
    /// </summary>
    public Norm? TokenNorm(string name, long width) =>
        request.Norm == NormNames.Layer ? Scaled(name, width, (weight, bias) => new LayerNorm(weight, bias)) : null;

    /// <summary>Disposes the generator; the layers remain valid.</summary>
    public void Dispose() => _generator.Dispose();

    private Norm Scaled(string name, long channels, Func<Parameter, Parameter, Norm> make)
    {
        using var scope = NewDisposeScope();
        return make(
            network.Own($"{name}.weight", ones(channels, device: CPU), request),
            network.Own($"{name}.bias", zeros(channels, device: CPU), request)
        );
    }

    private (Parameter Weight, Parameter? Bias) Draw(string name, long[] shape, bool withBias)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = _rule(shape, _generator);
        return (
            network.Own($"{name}.weight", weight, request),
            withBias ? network.Own($"{name}.bias", bias, request) : null
        );
    }
}

/// <summary>A dense layer, x Wᵀ + b over the last dimension.</summary>
internal sealed record Dense(Parameter Weight, Parameter Bias)
{
    public Tensor Apply(Tensor input) => nn.functional.linear(input, Weight, Bias);
}

/// <summary>
/// A convolution that keeps the size of the image, or divides it by the stride, if the kernel is odd. If the kernel
/// equals the stride, it cuts the image into patches.
/// </summary>
internal sealed record Convolution(Parameter Weight, Parameter? Bias, long Stride)
{
    private readonly long _padding = Weight.shape[2] == Stride ? 0 : Weight.shape[2] / 2;

    public Tensor Apply(Tensor images) =>
        nn.functional.conv2d(images, Weight, Bias, strides: [Stride, Stride], padding: [_padding, _padding]);
}
