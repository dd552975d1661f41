using Gyre.Lab.Data;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// The loss terms whose mean is the objective, evaluated one chunk or one batch at a time. A chunk's part is its sum
/// divided by the number of all terms, so that the parts of all chunks add up to the mean.
/// </summary>
internal sealed class LossTerms : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly LossSum _loss;
    private readonly ISamples _samples;
    private readonly long _eachSample;
    private readonly Tensor _inverse;

    /// <summary>Uses the model, the loss and the samples without owning them.</summary>
    public LossTerms(nn.Module<Tensor, Tensor> model, LossSum loss, ISamples samples, ScalarType dtype, Device device)
    {
        (_model, _loss, _samples) = (model, loss, samples);
        _eachSample = TargetCount.ASample(samples);
        _inverse = tensor(1.0 / Count, dtype, device).DetachFromDisposeScope();
    }

    /// <summary>N, or N·T if every sample has T classes to predict.</summary>
    public long Count => CountIn(_samples.Count);

    /// <summary>Returns the number of terms that the given number of samples has.</summary>
    public long CountIn(long samples) => samples * _eachSample;

    /// <summary>
    /// Returns a chunk's part of the loss with its graph, and its numbers, in the caller's dispose scope.
    /// </summary>
    public (Tensor Loss, Tensor Numbers) EvaluateChunk(int chunk) => Forward(_samples.Chunk(chunk), _inverse);

    /// <summary>Returns the samples with the given indices, 0 to N − 1, in the caller's dispose scope.</summary>
    public (Tensor Inputs, Tensor Targets) Pick(ReadOnlyMemory<int> samples) => _samples.Pick(samples);

    /// <summary>
    /// Returns the mean loss of a batch alone with its graph, and its numbers, in the caller's dispose scope.
    /// </summary>
    public (Tensor Loss, Tensor Numbers) EvaluateBatch((Tensor Inputs, Tensor Targets) batch, int samples) =>
        Forward(batch, tensor(1.0 / CountIn(samples), _inverse.dtype, _inverse.device));

    /// <summary>Returns the network's outputs on a chunk, with their graph, in the caller's dispose scope.</summary>
    public Tensor Outputs(int chunk)
    {
        using var tracked = enable_grad();
        using var scope = NewDisposeScope();
        return _model.call(_samples.Chunk(chunk).Inputs).MoveToOuterDisposeScope();
    }

    /// <summary>Returns a chunk's part of the loss at the given outputs, in the caller's dispose scope.</summary>
    public Tensor LossAt(Tensor outputs, int chunk)
    {
        using var tracked = enable_grad();
        using var scope = NewDisposeScope();
        return _loss(outputs, _samples.Chunk(chunk).Targets).mul(_inverse).MoveToOuterDisposeScope();
    }

    public void Dispose() => _inverse.Dispose();

    private (Tensor Loss, Tensor Numbers) Forward((Tensor Inputs, Tensor Targets) batch, Tensor inverse)
    {
        using var scope = NewDisposeScope();
        var outputs = _model.call(batch.Inputs);
        var loss = _loss(outputs, batch.Targets).mul(inverse);
        return (
            loss.MoveToOuterDisposeScope(),
            ChunkNumbers.Compute(loss, outputs, batch.Targets).MoveToOuterDisposeScope()
        );
    }
}
