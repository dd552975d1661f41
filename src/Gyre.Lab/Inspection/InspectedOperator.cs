using Gyre.Lab.Curvature;
using Gyre.Lab.Objectives;
using Gyre.Spectral;

namespace Gyre.Lab.Inspection;

/// <summary>The operator of a name, and what it must release.</summary>
internal sealed class InspectedOperator : IDisposable
{
    private readonly IDisposable? _owned;

    private InspectedOperator(ISymmetricOperator @operator) => (Operator, _owned) = (@operator, @operator as IDisposable);

    public ISymmetricOperator Operator { get; }

    public static InspectedOperator Of(string name, Objective objective, GradientGraph graph, long cacheBytes) => new(name switch
    {
        "gauss-newton" => new GaussNewtonOperator(objective, cacheBytes),
        "fisher" => new EmpiricalFisherOperator(objective, cacheBytes),
        _ => new HessianOperator(graph),
    });

    public void Dispose() => _owned?.Dispose();
}
