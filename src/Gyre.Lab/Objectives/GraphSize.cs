using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// Measures the memory that gradient graphs of an objective take. It may change the model's buffers.
/// </summary>
internal static class GraphSize
{
    /// <summary>The number of samples from which the memory of a graph per sample is measured.</summary>
    public const int FewSamples = 8;

    /// <summary>
    /// Returns the bytes of a graph per sample, from graphs of two sizes; needs <see cref="FewSamples"/> samples. The
    /// runtime's compiler and finalizers occasionally allocate and free in the same heap, so the result is the median
    /// of a few differences.
    /// </summary>
    public static double BytesPerSample(Objective objective)
    {
        const int Fewer = 2;
        const int Times = 5;
        Bytes(objective, Fewer); // one-time allocations happen here
        var differences = Enumerable
            .Range(0, Times)
            .Select(_ => Bytes(objective, FewSamples) - Bytes(objective, Fewer))
            .Order();
        return Math.Max(0, (double)differences.ElementAt(Times / 2) / (FewSamples - Fewer));
    }

    /// <summary>Returns the bytes that a gradient graph of the first samples keeps. Costs their gradient.</summary>
    public static long Bytes(Objective objective, int samples)
    {
        using var tracked = enable_grad();
        using var scope = NewDisposeScope();
        var batch = objective.Terms.Pick(Enumerable.Range(0, samples).ToArray());
        var before = NativeMemory.AllocatedBytes();
        var loss = objective.Terms.EvaluateBatch(batch, samples).Loss;
        var gradients = Gradients.GradientWithGraph(loss, objective.Parameters, objective.Layout.Names);
        var kept = NativeMemory.AllocatedBytes() - before;
        GC.KeepAlive(gradients);
        return kept;
    }
}
