using Gyre.Lab.Optimizers;
using Gyre.Lab.Specs;
using Gyre.Torch.Weights;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// Finds where an optimizer that is stored with the weights is set differently from the spec. Pure.
/// </summary>
internal static class OptimizerRemarks
{
    private const double Rounding = 1e-6;

    /// <summary>Returns a sentence for each difference that changes a threshold or the loss.</summary>
    /// <param name="state">The state of PyTorch's optimizer.</param>
    /// <param name="spec">The resolved spec of the run.</param>
    /// <param name="rate">The spec's learning rate eta at the checkpoint's step.</param>
    public static IEnumerable<string> Find(OptimizerContent state, RunSpec spec, double rate)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(spec);
        var decoupled = spec.Optimizer.Name == OptimizerNames.AdamW;
        return
        [
            .. Differing(state, "lr", rate, "the learning rate of this step"),
            .. decoupled
                ? Differing(state, "weight_decay", spec.Optimizer.DecoupledDecay, "optimizer.decoupled_decay")
                : Differing(
                    state,
                    "weight_decay",
                    spec.Objective.WeightDecay,
                    "objective.weight_decay",
                    Decoupled(spec)
                ),
            .. Rule(state, spec.Optimizer),
        ];
    }

    private static string Momentum(double momentum, bool nesterov)
    {
        if (momentum == 0)
            return OptimizerNames.GradientDescent;
        return nesterov ? OptimizerNames.Nesterov : OptimizerNames.Polyak;
    }

    /// <summary>AdamW decays theta itself, and its state looks like that of Adam.</summary>
    private static string Decoupled(RunSpec spec) =>
        spec.Optimizer.Name == OptimizerNames.Adam ? "; for AdamW, --set optimizer.name=adamw" : "";

    private static IEnumerable<string> Differing(
        OptimizerContent state,
        string theirs,
        double ours,
        string name,
        string cure = ""
    ) =>
        state
            .Groups.Select(group => group.Numbers.GetValueOrDefault(theirs, ours))
            .Distinct()
            .Where(value => !(Math.Abs(value - ours) <= Rounding * Math.Abs(ours)))
            .Select(value =>
                FormattableString.Invariant(
                    $"the checkpoint's optimizer has {theirs} = {value}, and {name} is {ours}{cure}"
                )
            );

    /// <summary>
    /// Compares the rule with the spec's, such as a momentum of SGD that the spec does not have and vice versa.
    /// </summary>
    private static IEnumerable<string> Rule(OptimizerContent state, OptimizerSpec rule)
    {
        var adaptive = state.Groups.Any(group => group.Numbers.ContainsKey("beta2"));
        if (adaptive && !OptimizerCatalog.Get(rule.Name).Preconditions)
            yield return $"the checkpoint's optimizer is of the Adam family, but optimizer.name = \"{rule.Name}\": its "
                + "threshold does not apply to H; --set optimizer.name=adam measures P^-1/2 H P^-1/2";
        var nesterov = state.Groups.Any(group => group.Numbers.GetValueOrDefault("nesterov") != 0);
        if (!adaptive && nesterov != (rule.Name == OptimizerNames.Nesterov))
            yield return nesterov
                ? $"the checkpoint's optimizer has nesterov = True, but optimizer.name = \"{rule.Name}\", whose threshold "
                    + "differs; --set optimizer.name=nesterov"
                : "the checkpoint's optimizer has no Nesterov momentum, but optimizer.name = \"nesterov\", whose threshold "
                    + "differs; --set optimizer.name=polyak, or gd without momentum";
        if (state.Groups.Max(group => group.Numbers.GetValueOrDefault("dampening")) is var dampening and not 0)
            yield return FormattableString.Invariant(
                $"the checkpoint's optimizer has dampening = {dampening}, for which no threshold is known"
            );
        var momentum = state.Groups.Max(group => group.Numbers.GetValueOrDefault("momentum"));
        var ours = rule.Name is OptimizerNames.Polyak or OptimizerNames.Nesterov ? rule.Momentum : 0;
        if (!adaptive && Math.Abs(momentum - ours) > Rounding)
            yield return FormattableString.Invariant(
                $"the checkpoint's optimizer has momentum = {momentum}, but optimizer.name = \"{rule.Name}\" is measured with {ours}; "
            )
                + FormattableString.Invariant(
                    $"--set optimizer.name={Momentum(momentum, nesterov)} --set optimizer.momentum={momentum}"
                );
    }
}
