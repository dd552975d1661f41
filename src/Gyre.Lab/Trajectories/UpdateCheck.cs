using Gyre.Lab.Optimizers;
using Gyre.Lab.Running;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// Compares the first update between two checkpoints that are one step apart with the update of gradient descent from
/// the earlier one: −eta·∇L for the given data, loss and learning rate. Data with other preprocessing, another loss,
/// learning rate or rule, and minibatches all show here. Costs two vectors of memory until then.
/// </summary>
/// <param name="setup">The setup of the run; nothing is compared for rules other than gradient descent.</param>
internal sealed class UpdateCheck(RunSetup setup) : IDisposable
{
    /// <summary>
    /// The difference relative to the update above which the two are not the same. Default: chosen; float32 leaves
    /// 1e-6 to 1e-3, and a forgotten normalization, another learning rate or a minibatch leaves 0.1 or more.
    /// </summary>
    public const double Tolerance = 0.02;

    private bool _done = !OptimizerCatalog.Get(setup.Spec.Optimizer.Name).IsDescent;
    private (long Step, Tensor Theta, Tensor Update)? _last;

    /// <summary>Adds the network as it is at a checkpoint.</summary>
    /// <param name="step">The step of the checkpoint.</param>
    /// <param name="rate">The learning rate eta there.</param>
    /// <param name="gradient">∇L there, <c>[n]</c>; not kept.</param>
    /// <returns>The result of the comparison; null if there is nothing to compare.</returns>
    public string? Take(long step, double rate, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        if (_done)
            return null;
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var objective = setup.Objective;
        var theta = objective.Layout.Flatten(objective.Parameters).detach();
        if (_last is { } last && last.Step + 1 == step)
        {
            _done = true;
            return Compare(step, theta - last.Theta, last.Update);
        }
        Forget();
        var update = gradient.detach() * -rate;
        _last = (step, theta.clone().DetachFromDisposeScope(), update.DetachFromDisposeScope());
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private string Compare(long step, Tensor moved, Tensor update)
    {
        var apart = Host.Number((moved - update).norm()) / Host.Number(update.norm());
        Forget();
        if (apart <= Tolerance)
            return FormattableString.Invariant(
                    $"the update from step {step - 1} equals −eta·gradient to within {NumberText.Format(apart, 2)} of its length: "
                ) + "data, loss and learning rate match the training";
        return FormattableString.Invariant(
                $"the update from step {step - 1} is not −eta·gradient: they differ by {NumberText.Format(apart, 2)} of its length. "
            )
            + "Data, preprocessing, loss, weight decay, rate or rule are not those of the training, or it used "
            + "minibatches (then set optimizer.name=sgd, and the curvature is that of the loss over all data)";
    }

    private void Forget()
    {
        _last?.Theta.Dispose();
        _last?.Update.Dispose();
        _last = null;
    }
}
