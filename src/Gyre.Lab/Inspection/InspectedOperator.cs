using Gyre.Lab.Curvature;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Inspection;

/// <summary>
/// An operator selected by name, the known bound at the lower end of its spectrum, and the resources it must release.
/// </summary>
internal sealed class InspectedOperator : IDisposable
{
    private readonly IDisposable? _owned;

    private InspectedOperator(ILayeredOperator @operator, FloorRecord? floor) =>
        (Operator, _owned, Floor) = (@operator, @operator as IDisposable, floor);

    public ILayeredOperator Operator { get; }

    /// <summary>The known lower end of the spectrum; null if the solver must look for eigenvalues there.</summary>
    public FloorRecord? Floor { get; }

    public static InspectedOperator Create(string name, Objective objective, GradientGraph graph, ObjectiveSpec spec)
    {
        switch (name)
        {
            case OperatorNames.GaussNewton:
                var matrix = new GaussNewtonOperator(objective, spec.CacheBytes);
                var convex = LossCatalog.IsConvex(spec.Loss);
                return convex ? Bounded(matrix, spec.WeightDecay) : new InspectedOperator(matrix, null);
            case OperatorNames.Fisher:
                return Bounded(new EmpiricalFisherOperator(objective, spec.CacheBytes), 0);
            default:
                return new InspectedOperator(new HessianOperator(graph), null);
        }
    }

    public void Dispose() => _owned?.Dispose();

    /// <summary>Wraps Jᵀ M J with positive semidefinite M, raised by a constant.</summary>
    private static InspectedOperator Bounded(OutputOperator made, double raised) =>
        new(made, new FloorRecord(raised, Math.Max(0, made.Dimension - made.RankAtMost())));
}
