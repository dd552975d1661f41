using Gyre.Lab.Data;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// Checks that an objective is a fixed function of theta. This catches dropout, shuffling and nondeterministic
/// kernels, any of which would silently corrupt an eigenvalue.
/// </summary>
internal static class ObjectiveCheck
{
    /// <inheritdoc cref="Objective.SelfCheck"/>
    public static bool Run(Objective objective)
    {
        using var scope = NewDisposeScope();
        var random = get_rng_state();
        var (first, second) = (objective.Evaluate(), objective.Evaluate());
        RequireFinite(first, objective);
        var apart = Host.Number((first.Gradient - second.Gradient).norm());
        RequireSame(first, second, apart, objective.Layout.Dtype == ScalarType.Float64 ? 1e-10 : 1e-4);
        // The noise can be too small to show in two losses, but drawing it always advances libtorch's generator.
        if (!get_rng_state().Equals(random))
            throw new ObjectiveException(
                "The model draws random numbers when it is evaluated, although loss and gradient barely show "
                    + "it. Switch dropout and noise off "
                    + "(in a TorchScript file: model.eval() before the export); curvature needs a fixed function."
            );
        return first.Loss.Equals(second.Loss) && apart == 0;
    }

    private static void RequireFinite(LossAndGradient value, Objective objective)
    {
        if (double.IsFinite(value.Loss) && double.IsFinite(value.GradientNorm))
            return;
        string[] parameters =
        [
            .. objective
                .Layout.Names.Zip(objective.Parameters)
                .Where(one => Host.Number(isfinite(one.Second).all()) == 0)
                .Select(one => one.First),
        ];
        throw new ObjectiveException(
            FormattableString.Invariant(
                $"The loss ({value.Loss}) or its gradient (norm {value.GradientNorm}) is not finite at the start: "
            )
                + (
                    parameters.Length > 0
                        ? $"there are values that are not finite in {UserFile.Names(parameters)}."
                        : "check the data for NaN, and the scale of the initialization."
                )
        );
    }

    private static void RequireSame(LossAndGradient first, LossAndGradient second, double apart, double tolerance)
    {
        if (
            Math.Abs(first.Loss - second.Loss) > tolerance * Math.Abs(first.Loss)
            || apart > tolerance * first.GradientNorm
        )
            throw new ObjectiveException(
                $"Two evaluations at one theta differ (loss {NumberText.Format(first.Loss, 9)} and "
                    + $"{NumberText.Format(second.Loss, 9)}, gradients by "
                    + $"{NumberText.Format(apart / first.GradientNorm, 2)} of their norm): the model or the data are "
                    + "stochastic. Switch dropout and augmentation off (in a TorchScript file: model.eval() before the "
                    + "export); curvature needs a fixed function."
            );
    }
}
