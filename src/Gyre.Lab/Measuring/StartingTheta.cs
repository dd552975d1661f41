using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>
/// theta_0, and how far the training has moved from it. It is taken from the model as the spec creates it, before a
/// checkpoint is loaded, so a resumed run and a fork recreate the same one. Costs one vector, and one read per
/// measurement.
/// </summary>
internal sealed class StartingTheta : IDisposable
{
    private const string StateName = "start";

    private readonly ParameterLayout _layout;
    private readonly Tensor _start;

    public StartingTheta(ParameterLayout layout, IReadOnlyList<Tensor> parameters)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        _layout = layout;
        _start = layout.Flatten(parameters).clone().DetachFromDisposeScope();
    }

    /// <summary>
    /// Whether it is theta_0; for a training that began elsewhere, only a later theta may be known.
    /// </summary>
    public bool IsInitial { get; init; } = true;

    /// <summary>Adds what a checkpoint must contain if the spec cannot recreate theta_0.</summary>
    public void Save(Dictionary<string, Tensor> into) => into[StateName] = _start;

    /// <summary>Restores the contents of a checkpoint.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        _start.copy_(from[StateName].to(_layout.Dtype, _layout.Device));
    }

    /// <summary>Returns ‖theta‖ and ‖theta − theta_0‖, summed in float64.</summary>
    public (double Norm, double Distance) Measure(IReadOnlyList<Tensor> parameters)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var theta = _layout.Flatten(parameters).to(ScalarType.Float64);
        var norm = theta.norm();
        var read = Host.Numbers(stack([norm, (theta - _start.to(ScalarType.Float64)).norm()]));
        return (read[0], read[1]);
    }

    /// <summary>Returns theta − theta_0, <c>[1, n]</c>, in the caller's dispose scope.</summary>
    public Tensor Displacement(IReadOnlyList<Tensor> parameters)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return (_layout.Flatten(parameters) - _start).unsqueeze(0).MoveToOuterDisposeScope();
    }

    public void Dispose() => _start.Dispose();
}
