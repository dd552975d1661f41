using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A norm with a learned scale and shift per channel, initialized to 1 and 0. Epsilon is PyTorch's 1e-5.
/// </summary>
internal abstract class Norm(Parameter weight, Parameter bias)
{
    protected const double Epsilon = 1e-5;

    protected Parameter Weight { get; } = weight;

    protected Parameter Bias { get; } = bias;

    /// <summary>
    /// Normalizes the input; returns a new tensor of the same shape in the caller's dispose scope. Only the first
    /// <paramref name="samples"/> samples count; the rest are padding (<see cref="Network.Images"/>).
    /// </summary>
    public abstract Tensor Apply(Tensor input, long samples);

    /// <summary>The dtype of the parameters.</summary>
    public ScalarType Dtype => Weight.dtype;

    /// <summary>The device of the parameters.</summary>
    public Device Device => Weight.device;

    /// <summary>The number of channels.</summary>
    public long Channels => Weight.numel();
}

/// <summary>LayerNorm over the last dimension (Ba et al. 2016).</summary>
internal sealed class LayerNorm(Parameter weight, Parameter bias) : Norm(weight, bias)
{
    public override Tensor Apply(Tensor input, long samples) =>
        nn.functional.layer_norm(input, Weight.shape, Weight, Bias, Epsilon);
}

/// <summary>
/// GroupNorm over channels and pixels (Wu and He 2018). With one group, it is LayerNorm for images.
/// </summary>
internal sealed class GroupNorm(Parameter weight, Parameter bias, long groups) : Norm(weight, bias)
{
    public override Tensor Apply(Tensor input, long samples) =>
        nn.functional.group_norm(input, groups, Weight, Bias, Epsilon);
}

/// <summary>
/// BatchNorm for images (Ioffe and Szegedy 2015). It normalizes each channel by the mean and (biased) variance of the
/// current chunk, and gradients flow through both. It keeps no running averages; <see cref="PopulationStatistics"/>
/// supplies population statistics.
/// </summary>
internal sealed class BatchNorm(Parameter weight, Parameter bias) : Norm(weight, bias)
{
    /// <summary>
    /// Collects the statistics of chunks, then supplies those of the population; null in training and in
    /// measurements.
    /// </summary>
    public ChannelMoments? Moments { get; set; }

    public override Tensor Apply(Tensor input, long samples)
    {
        if (Moments?.Population is var (mean, variance))
            return nn.functional.batch_norm(input, mean, variance, Weight, Bias, training: false, eps: Epsilon);
        using var scope = NewDisposeScope();
        var chunk = input.shape[0] == samples ? input : input.narrow(0, 0, samples);
        if (chunk.numel() == Weight.numel())
            throw new ModelException(
                "model.norm = \"batch\" needs more than one value of a channel in every chunk: one has no "
                    + "variance. Choose objective.chunk so that no chunk has a single sample, or another norm."
            );
        // With momentum 1 they become those of the chunk, with the unbiased variance.
        var (chunkMean, chunkVariance) = (zeros_like(Weight), zeros_like(Weight));
        var output = nn.functional.batch_norm(
            chunk,
            chunkMean,
            chunkVariance,
            Weight,
            Bias,
            training: true,
            momentum: 1,
            eps: Epsilon
        );
        Moments?.Add(chunkMean, chunkVariance, samples);
        return (
            input.shape[0] == samples ? output : Network.Filled(output, input.shape[0] - samples)
        ).MoveToOuterDisposeScope();
    }
}
