using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>Mean loss and accuracy on samples that are not trained on, without weight decay.</summary>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">0 to 1.</param>
public sealed record HeldOut(double Loss, double Accuracy)
{
    /// <summary>Evaluates the model in chunks, without gradients. Costs one forward pass; reads the device once.</summary>
    /// <param name="model">Called as it is.</param>
    /// <param name="loss">Sum over a chunk.</param>
    /// <param name="inputs"><c>[M, ...]</c>.</param>
    /// <param name="labels">Classes <c>[M]</c>, int64, or numbers <c>[M, outputs]</c>.</param>
    /// <param name="chunk">Samples a chunk.</param>
    public static HeldOut Measure(nn.Module<Tensor, Tensor> model, LossSum loss, Tensor inputs, Tensor labels, int chunk)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var sums = new Objective.Sums(inputs.device);
        var (inputChunks, labelChunks) = (inputs.split(chunk), labels.split(chunk));
        for (var i = 0; i < inputChunks.Length; i++)
        {
            using var chunkScope = NewDisposeScope();
            var outputs = model.call(inputChunks[i]);
            sums.Add(loss(outputs, labelChunks[i]), outputs, labelChunks[i]);
        }
        var numbers = stack([sums.Loss, sums.Correct]).cpu().data<double>();
        return new HeldOut(numbers[0] / inputs.shape[0], sums.Accuracy(numbers[1], inputs.shape[0]));
    }
}
