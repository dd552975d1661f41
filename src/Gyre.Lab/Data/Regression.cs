using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>Generated data with values as targets. Nothing is standardized, and there is no test set.</summary>
internal static class Regression
{
    private const int Points = 20;

    /// <summary>
    /// Returns T_d at 20 equally spaced points on [−1, 1], including both ends (Cohen et al. 2021, 2103.00065):
    /// inputs and targets <c>[20, 1]</c>.
    /// </summary>
    public static MadeTensors Chebyshev(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var places = Enumerable.Range(0, Points).Select(i => -1 + 2.0 * i / (Points - 1)).ToArray();
        return Create(
            "chebyshev",
            places,
            [.. places.Select(x => Math.Cos(request.Degree * Math.Acos(x)))],
            Points,
            request
        );
    }

    /// <summary>
    /// Returns one sample with as many inputs as targets, all 1. With squared error, the loss of outputs f is
    /// ½ Σ (f − y)².
    /// </summary>
    /// <exception cref="DataException">There is no target.</exception>
    public static MadeTensors Targets(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Targets.Count == 0)
            throw new DataException("data.targets is empty. Set one value per output, such as [1.0].");
        return Create("targets", [.. Enumerable.Repeat(1.0, request.Targets.Count)], [.. request.Targets], 1, request);
    }

    private static MadeTensors Create(string name, double[] inputs, double[] targets, int samples, DataRequest request)
    {
        using var scope = NewDisposeScope();
        Tensor Made(double[] values) =>
            tensor(values, device: CPU)
                .view(samples, values.Length / samples)
                .to(request.Layout.Dtype, request.Layout.Device, copy: true)
                .DetachFromDisposeScope();
        return new MadeTensors(name, Made(inputs), Made(targets));
    }
}
