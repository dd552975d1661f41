using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>Products of matrices, and linear algebra.</summary>
internal static class ProductOperators
{
    /// <summary>Products.</summary>
    public static IReadOnlyList<OperatorCase> Products { get; } =
    [
        new("mm(self=x, mat2=m)", t => t.X.mm(t.M)),
        new("bmm(self=t, mat2=d)", t => t.T.bmm(t.D)),
        new("mv(self=x, vec=v)", t => t.X.mv(t.V)),
        new("dot(self=v, tensor=r)", t => t.V.mul(t.R).sum()),
        new("vdot(self=v, other=r)", t => t.V.mul(t.R).sum()),
        new("outer(self=v, vec2=b)", t => t.V.unsqueeze(1).mul(t.B)),
        new("matmul(self=t, other=m)", t => einsum("nij,jk->nik", t.T, t.M)),
        new("matmul(self=x, other=v)", t => t.X.mv(t.V)),
        new("linear(input=x, weight=w, bias=b)", t => t.X.mm(t.W.t()).add(t.B)),
        new("linear(input=x, weight=w)", t => t.X.mm(t.W.t())),
        new("addmm(self=b, mat1=x, mat2=m)", t => t.X.mm(t.M).add(t.B)),
        new("addmm(self=b, mat1=x, mat2=m, beta=2, alpha=0.5)", t => t.X.mm(t.M).div(2).add(t.B.mul(2))),
        new("addmv(self=row, mat=x, vec=v)", t => t.X.mv(t.V).add(t["row"])),
        new("addr(self=m, vec1=v, vec2=b)", t => t.V.unsqueeze(1).mul(t.B).add(t.M)),
        new("baddbmm(self=e, batch1=t, batch2=d, beta=0.5, alpha=2)", t => t.T.bmm(t.D).mul(2).add(t["e"].div(2))),
        new("addbmm(self=s, batch1=t, batch2=d)", t => t.T.bmm(t.D).sum([0L]).add(t.S)),
        new("einsum(equation='ij,jk->ik', tensors=[x, m])", t => t.X.mm(t.M)),
        new("tensordot(self=x, other=m, dims_self=[1], dims_other=[0])", t => t.X.mm(t.M)),
        new(
            "bilinear(input1=x, input2=y, weight=w2, bias=b)",
            t => einsum("ni,oij,nj->no", t.X, t["w2"], t.Y).add(t.B)
        ),
        new("inner(self=x, other=y)", t => t.X.mm(t.Y.t())),
        new("ger(self=v, vec2=b)", t => t.V.unsqueeze(1).mul(t.B)),
        new("linalg_multi_dot(tensors=[x, m, w])", t => t.X.mm(t.M).mm(t.W)),
        new("linalg_cross(self=s, other=bias)", t => linalg.cross(t.S, t["bias"])),
    ];

    /// <summary>Linear algebra.</summary>
    public static IReadOnlyList<OperatorCase> Algebra { get; } =
    [
        new("inverse(self=s)", t => t.S.inverse()),
        new("linalg_inv(A=s)", t => t.S.inverse()),
        new("linalg_inv_ex(A=s) -> 2@0", t => t.S.inverse()),
        new("linalg_det(A=s)", t => Determinant(t.S)),
        new("det(self=s)", t => Determinant(t.S)),
        new("logdet(self=s)", t => Determinant(t.S).log()),
        new("linalg_slogdet(A=s) -> 2@1", t => Determinant(t.S).log()),
        new("linalg_cholesky(self=s)", t => linalg.cholesky(t.S)),
        new("linalg_solve(A=s, B=s2)", t => t.S.inverse().mm(t["s2"])),
        new("linalg_solve_triangular(self=s, B=s2, upper=False)", t => t.S.tril().inverse().mm(t["s2"])),
        new("linalg_eigvalsh(self=s)", t => linalg.eigvalsh(t.S)),
        new("linalg_eigh(A=s) -> 2@0", t => linalg.eigvalsh(t.S)),
        new("linalg_svdvals(A=x)", t => linalg.svdvals(t.X)),
        new("linalg_matrix_power(self=s, n=3)", t => t.S.mm(t.S).mm(t.S)),
        new("linalg_matrix_exp(self=s)", t => t.S.matrix_exp()),
        new("linalg_pinv(self=x)", t => t.X.t().mm(t.X.mm(t.X.t()).inverse())),
        new("linalg_qr(A=s) -> 2@1", t => linalg.qr(t.S).R),
    ];

    private static Tensor Determinant(Tensor s) => linalg.cross(s[0], s[1]).dot(s[2]);
}
