using Gyre.Lab.Curvature;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>
/// The matrix whose eigenpairs are measured at a point: the Hessian or the Gauss–Newton matrix, either of them
/// between P^-1/2 if the threshold applies to the preconditioned matrix.
/// </summary>
internal sealed class MeasuredMatrix : IDisposable
{
    private readonly GaussNewtonOperator? _gaussNewton;
    private readonly Tensor? _root;
    private readonly Tensor _gradient;

    /// <summary>Creates the operators of a point, in the caller's dispose scope.</summary>
    public MeasuredMatrix(RunSpec spec, MeasuredPoint point)
    {
        _root = point.Preconditioner?.rsqrt();
        Hessian = new HessianOperator(point.Graph);
        if (spec.Curvature.Operator == OperatorNames.GaussNewton)
            _gaussNewton = new GaussNewtonOperator(point.Objective, spec.Objective.CacheBytes);
        ISymmetricOperator plain = _gaussNewton is null ? Hessian : _gaussNewton;
        Operator = _root is null ? plain : new CongruentOperator(plain, _root);
        _gradient = point.Graph.Value.Gradient;
    }

    /// <summary>The operator that is measured.</summary>
    public ISymmetricOperator Operator { get; }

    /// <summary>The Hessian of the loss, regardless of what is measured.</summary>
    public HessianOperator Hessian { get; }

    public bool IsHessian => ReferenceEquals(Operator, Hessian);

    /// <summary>The operator's name in curvature.jsonl; null for the Hessian.</summary>
    public string? Name =>
        (_root, _gaussNewton) switch
        {
            (null, null) => null,
            (null, _) => "gauss_newton",
            (_, null) => "preconditioned_hessian",
            _ => "preconditioned_gauss_newton",
        };

    /// <summary>
    /// Returns the loss's gradient in the coordinates of the matrix, <c>[n]</c>, in the caller's dispose scope.
    /// </summary>
    public Tensor Gradient() => _root is null ? _gradient : _gradient * _root;

    public void Dispose() => _gaussNewton?.Dispose();
}
