using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>Losses and distances.</summary>
internal static class LossOperators
{
    /// <summary>Every one.</summary>
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        new("mse_loss(self=x, target=y)", t => t.X.sub(t.Y).square().mean()),
        new("mse_loss(self=x, target=y, reduction=2)", t => t.X.sub(t.Y).square().sum()),
        new("l1_loss(self=x, target=y)", t => t.X.sub(t.Y).abs().mean()),
        new("smooth_l1_loss(self=x, target=y)", t => Huber(t.X.sub(t.Y).abs(), 1).mean()),
        new("huber_loss(self=x, target=y, reduction=1, delta=0.5)", t => Huber(t.X.sub(t.Y).abs(), 0.5).mean()),
        new("nll_loss(self=x, target=c)", t => Picked(t, t.X).neg().mean()),
        new("nll_loss_nd(self=x, target=c)", t => Picked(t, t.X).neg().mean()),
        new(
            "nll_loss_forward(self=x, target=c, weight=None, reduction=1, ignore_index=-100) -> 2@0",
            t => Picked(t, t.X).neg().mean()
        ),
        new("cross_entropy_loss(self=x, target=c)", t => Picked(t, t.X.log_softmax(1)).neg().mean()),
        new(
            "cross_entropy_loss(self=x, target=c, weight=None, reduction=1, ignore_index=-100, label_smoothing=0.1)",
            t => Picked(t, t.X.log_softmax(1)).mul(-0.9).mean().sub(t.X.log_softmax(1).mean().mul(0.1))
        ),
        new("binary_cross_entropy(self=f, target=f2)", t => Binary(t.F, t["f2"]).mean()),
        new("binary_cross_entropy_with_logits(self=x, target=f)", t => Binary(t.X.sigmoid(), t.F).mean()),
        new("kl_div(self=x, target=p)", t => t.P.mul(t.P.log().sub(t.X)).mean()),
        new("soft_margin_loss(self=x, target=signs)", t => t.Signs.mul(t.X).neg().exp().log1p().mean()),
        new(
            "poisson_nll_loss(input=x, target=p, log_input=True, full=False, eps=1e-08, reduction=1)",
            t => t.X.exp().sub(t.P.mul(t.X)).mean()
        ),
        new(
            "margin_ranking_loss(input1=x, input2=y, target=signs)",
            t => t.Signs.neg().mul(t.X.sub(t.Y)).clamp(min: 0).mean()
        ),
        new(
            "hinge_embedding_loss(self=p, target=signs)",
            t => where(t.Signs.gt(0), t.P, t.P.neg().add(1).clamp(min: 0)).mean()
        ),
        new(
            "triplet_margin_loss(anchor=x, positive=y, negative=z)",
            t => Apart(t.X, t.Y).sub(Apart(t.X, t.Z)).add(1).clamp(min: 0).mean()
        ),
        new("pairwise_distance(x1=x, x2=y)", t => Apart(t.X, t.Y)),
        new("cosine_similarity(x1=x, x2=y)", t => t.X.mul(t.Y).sum(1).div(t.X.norm(1).mul(t.Y.norm(1)))),
    ];

    private static Tensor Huber(Tensor apart, double delta) =>
        where(apart.lt(delta), apart.square().div(2), apart.sub(delta / 2).mul(delta));

    private static Tensor Picked(Operands t, Tensor values) => values.gather(1, t.C.unsqueeze(1)).squeeze(1);

    private static Tensor Binary(Tensor chance, Tensor target) =>
        target.mul(chance.log()).add(target.neg().add(1).mul(chance.neg().add(1).log())).neg();

    private static Tensor Apart(Tensor x, Tensor y) => x.sub(y).add(1e-6).norm(1);
}
