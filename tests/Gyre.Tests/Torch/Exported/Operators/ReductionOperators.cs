using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>Operators that make one number of many, and those along a dimension.</summary>
internal static class ReductionOperators
{
    /// <summary>Every one.</summary>
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        new("sum(self=x)", t => t.X.sum()),
        new("sum.dim_IntList(self=x, dim=[1], keepdim=True)", t => t.X.sum(1, keepdim: true)),
        new("mean(self=x)", t => t.X.mean()),
        new("mean.dim(self=t, dim=[0, 2])", t => t.T.mean([0L, 2])),
        new("prod(self=x)", t => t.X.prod()),
        new("prod.dim_int(self=x, dim=1)", t => t.X.prod(1)),
        new("nansum(self=x)", t => t.X.sum()),
        new("nanmean(self=x)", t => t.X.mean()),
        new("amax(self=x, dim=[1])", t => t.X.amax([1L])),
        new("amin(self=x, dim=[1])", t => t.X.amin([1L])),
        new("max(self=x)", t => t.X.max()),
        new("max.dim(self=x, dim=1) -> 2@0", t => t.X.amax([1L])),
        new("min(self=x)", t => t.X.min()),
        new("min.dim(self=x, dim=1) -> 2@0", t => t.X.amin([1L])),
        new("median(self=row)", t => t["row"].sort().Values[1]),
        new("median.dim(self=x, dim=0) -> 2@0", t => t.X.sort(0).Values[1]),
        new("kthvalue(self=x, k=2, dim=1) -> 2@0", t => t.X.sort(1).Values.select(1, 1)),
        new("sort(self=x, dim=1) -> 2@0", t => t.X.sort(1).Values),
        new("topk(self=x, k=2, dim=1) -> 2@0", t => t.X.topk(2, 1).values),
        new("cummax(self=x, dim=1) -> 2@0", t => t.X.cummax(1).values),
        new("cummin(self=x, dim=1) -> 2@0", t => t.X.cummin(1).values),
        new("cumsum(self=x, dim=1)", t => t.X.cumsum(1)),
        new("cumprod(self=x, dim=1)", t => t.X.cumprod(1)),
        new("logcumsumexp(self=x, dim=1)", t => t.X.exp().cumsum(1).log()),
        new("logsumexp(self=x, dim=[1])", t => t.X.exp().sum(1).log()),
        new("var.correction(self=x, dim=[1], correction=1)", t => Variance(t.X, 3)),
        new("var.correction(self=x, dim=[1], correction=0)", t => Variance(t.X, 4)),
        new("var.dim(self=x, dim=[1], unbiased=True)", t => Variance(t.X, 3)),
        new("std.correction(self=x, dim=[1], correction=1)", t => Variance(t.X, 3).sqrt()),
        new("std.dim(self=x, dim=[1])", t => Variance(t.X, 3).sqrt()),
        new("var_mean.correction(self=x, dim=[1], correction=0) -> 2@0", t => Variance(t.X, 4)),
        new("std_mean.correction(self=x, dim=[1], correction=1) -> 2@1", t => t.X.mean([1L])),
        new("norm.Scalar(self=x, p=2)", t => t.X.norm()),
        new("norm.ScalarOpt_dim(self=x, p=2, dim=[1])", t => t.X.square().sum(1).sqrt()),
        new("linalg_vector_norm(self=x, ord=2, dim=[1])", t => t.X.square().sum(1).sqrt()),
        new("linalg_vector_norm(self=x, ord=1)", t => t.X.abs().sum()),
        new("linalg_norm(self=x)", t => t.X.norm()),
        new("dist(self=x, other=y, p=2)", t => t.X.sub(t.Y).norm()),
        new("trace(self=s)", t => t.S.diagonal().sum()),
        new("cov(self=x)", t => Centered(t.X).mm(Centered(t.X).t()).div(3)),
        new("trapezoid.x(y=x, x=steps)", t => Trapezoid(t.X)),
        new("renorm(self=x, p=2, dim=0, maxnorm=0.5)", t => t.X.div(t.X.norm(1, keepdim: true).add(1e-7)).mul(0.5)),
        new("any(self=mask)", t => t.Mask.any(), IsPlain: true),
        new("any.dim(self=mask, dim=1)", t => t.Mask.any(1), IsPlain: true),
        new("all(self=mask)", t => t.Mask.all(), IsPlain: true),
        new("all.dim(self=mask, dim=1)", t => t.Mask.all(1), IsPlain: true),
        new("argmax(self=x, dim=1)", t => t.X.argmax(1), IsPlain: true),
        new("argmin(self=x, dim=1)", t => t.X.argmin(1), IsPlain: true),
        new("argsort(self=x, dim=1)", t => t.X.argsort(1), IsPlain: true),
        new("count_nonzero(self=mask)", t => t.Mask.sum(), IsPlain: true),
    ];

    private static Tensor Centered(Tensor x) => x.sub(x.mean([1L], keepdim: true));

    private static Tensor Variance(Tensor x, int divisor) => Centered(x).square().sum(1).div(divisor);

    private static Tensor Trapezoid(Tensor y)
    {
        var widths = tensor((double[])[0.5, 1.5, 0.25], ScalarType.Float64, CPU);
        return y.narrow(1, 1, 3).add(y.narrow(1, 0, 3)).div(2).mul(widths).sum(1);
    }
}
