using Gyre.Lab.Interventions;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Specs;

/// <summary>
/// Checks which update rule, intervention and measurements can be combined, in the order in which mistakes are
/// reported.
/// </summary>
internal static class MethodRules
{
    /// <summary>Returns the mistakes of a spec whose optimizer.name is valid.</summary>
    public static IEnumerable<SpecMistake> Mistakes(RunSpec spec) =>
        [
            .. SpecRules.Found(spec, CheckIntervention, CheckClipping),
            .. SpecRules.Found(spec, CheckDescent, CheckIterate, CheckUntouched),
            .. spec.Training.Edge.Share > 0 ? SpecRules.Found(spec, EdgeRules) : [],
            .. SpecRules.Found(spec, CheckHessian, CheckMidpoint, CheckBatches, CheckPreconditioner),
        ];

    /// <summary>
    /// If the sharpness determines the learning rates, nothing else may, and no schedule may depend on them in advance.
    /// </summary>
    private static readonly Func<RunSpec, SpecMistake?>[] EdgeRules =
    [
        spec => WithoutEdge(spec.Training.Schedule.Count > 0, "training.schedule"),
        spec => WithoutEdge(spec.Training.Warmup > 0, "training.warmup"),
        spec => WithoutEdge(spec.Training.Decay != DecayNames.None, "training.decay"),
        spec => WithoutEdge(spec.Training.Time > 0, "training.time", "; set training.steps"),
        spec => WithoutEdge(spec.Curvature.EveryTime > 0, "curvature.every_time", "; set curvature.every"),
        CheckEdgeIsMeasured,
        CheckEdgeExists,
    ];

    private static OptimizerKind Rule(RunSpec spec) => OptimizerCatalog.Get(spec.Optimizer.Name);

    private static bool Intervenes(RunSpec spec) => spec.Intervention.Name != InterventionCatalog.None;

    private static SpecMistake? CheckIntervention(RunSpec spec)
    {
        static bool Suits(OptimizerKind kind) => !kind.Preconditions && !kind.MovesTheta;

        if (!Intervenes(spec) || Suits(Rule(spec)))
            return null;
        var suited = OptimizerCatalog.Kinds.Where(Suits).Select(kind => kind.Name);
        return new(
            "intervention.name",
            $"\"{spec.Intervention.Name}\" needs the Hessian and gradient at the iterate, but "
                + $"optimizer.name = \"{spec.Optimizer.Name}\" uses a preconditioner or gradients elsewhere; "
                + $"choose one of {string.Join(", ", suited)}"
        );
    }

    private static SpecMistake? CheckClipping(RunSpec spec) =>
        spec.Optimizer is { Name: OptimizerNames.GradientFlow, ClipNorm: > 0 }
            ? new("optimizer.clip_norm", "clips steps, which a flow does not have; set it to 0")
            : null;

    private static SpecMistake? CheckDescent(RunSpec spec) =>
        Stabilization(
            spec,
            !Rule(spec).IsDescent,
            $"applies to gradient descent only, not to optimizer.name = \"{spec.Optimizer.Name}\""
        );

    private static SpecMistake? CheckIterate(RunSpec spec) =>
        Stabilization(
            spec,
            spec.Curvature.At != CurvatureSpec.Iterate,
            "needs the gradient at the iterate; set curvature.at = \"iterate\""
        );

    private static SpecMistake? CheckUntouched(RunSpec spec) =>
        Stabilization(
            spec,
            Intervenes(spec),
            "applies to training without interventions; set intervention.name = \"none\""
        );

    private static SpecMistake? CheckHessian(RunSpec spec) =>
        Stabilization(
            spec,
            spec.Curvature.Operator != OperatorNames.Hessian,
            "applies to the Hessian; set curvature.operator = \"hessian\""
        );

    private static SpecMistake? Stabilization(RunSpec spec, bool wrong, string problem) =>
        spec.Curvature.SelfStabilisation && wrong ? new("curvature.self_stabilisation", problem) : null;

    private static SpecMistake? CheckMidpoint(RunSpec spec) =>
        spec.Curvature.At == CurvatureSpec.Midpoint && Intervenes(spec)
            ? new("curvature.at", "an intervention acts at the iterate; set curvature.at = \"iterate\"")
            : null;

    private static SpecMistake? CheckBatches(RunSpec spec) =>
        spec.Curvature.BatchProbes == 1
            ? new("curvature.batch_probes", "1 has no error bar; set at least 2, or 0")
            : null;

    private static SpecMistake? CheckPreconditioner(RunSpec spec)
    {
        var (low, high) = (spec.Optimizer.PreconditionerLow, spec.Optimizer.PreconditionerHigh);
        return high > 0 && high < low
            ? new(
                "optimizer.preconditioner_high",
                $"{SpecCheck.Shown(high)} is below optimizer.preconditioner_low = {SpecCheck.Shown(low)}"
            )
            : null;
    }

    private static SpecMistake? WithoutEdge(bool wrong, string key, string cure = "") =>
        wrong ? new(key, $"cannot be combined with training.edge_rate, which sets eta from the sharpness{cure}") : null;

    private static SpecMistake? CheckEdgeIsMeasured(RunSpec spec) =>
        spec.Curvature is { EveryTime: 0, Every: 0 }
            ? new("curvature.every", "0 disables measurements, but training.edge_rate needs the sharpness")
            : null;

    private static SpecMistake? CheckEdgeExists(RunSpec spec) =>
        double.IsInfinity(Rule(spec).Threshold(new OptimizerSpec(), 1, 1))
            ? new(
                "training.edge_rate",
                $"needs a threshold, which optimizer.name = \"{spec.Optimizer.Name}\" does not have"
            )
            : null;
}
