using Gyre.Lab.Keys;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Specs;

/// <summary>The section [curvature]: what is measured.</summary>
internal sealed record CurvatureSpec
{
    /// <summary>theta(t) itself.</summary>
    internal const string Iterate = "iterate";

    /// <summary>
    /// (theta(t−2) + 2·theta(t−1) + theta(t))/4, where the bounce between two walls of a valley cancels.
    /// </summary>
    internal const string Midpoint = "midpoint";

    /// <summary>k.</summary>
    [SpecKey("k, leading eigenpairs followed", Least = 1, Most = 64)]
    public int Pairs { get; init; } = 4;

    /// <summary>Steps between the first steps of bursts; 0 measures nothing.</summary>
    [SpecKey("steps between bursts; 0 measures nothing", Least = 0, Most = 1e9)]
    public int Every { get; init; } = 10;

    /// <summary>
    /// Where above 0: training time between the first steps of bursts, in place of <see cref="Every"/>.
    /// </summary>
    [SpecKey(
        "training time between bursts; above 0 it takes the place of curvature.every, so that runs of "
            + "different rates are measured at the same times",
        Least = 0,
        Most = 1e9
    )]
    public double EveryTime { get; init; }

    /// <summary>Consecutive steps measured each time.</summary>
    [SpecKey(
        "consecutive steps measured each time. Default 3: lag 1 (flip) and lag 2 (drift per bounce)",
        Least = 1,
        Most = 100
    )]
    public int Burst { get; init; } = 3;

    /// <summary>Whether the burst at step 0 is whole; otherwise step 0 is measured alone.</summary>
    [SpecKey(
        "false measures step 0 alone: at initialisation eigenvalues crowd, so that a measurement costs "
            + "several of a later one"
    )]
    public bool BurstAtStart { get; init; } = true;

    /// <summary>Every pair's angle error bar is brought below this.</summary>
    [SpecKey(
        "degrees: each eigenvector's error bar is brought below this. Default: rotations of interest are "
            + "tens of degrees",
        Name = "angle_tolerance",
        Least = 1e-9,
        Most = 45
    )]
    public double AngleToleranceDegrees { get; init; } = 1;

    /// <summary>Products that a measurement may use.</summary>
    [SpecKey("Hessian-vector products a measurement may use. Default: ten times the usual", Least = 1, Most = 1e9)]
    public int MaxProducts { get; init; } = 200;

    /// <summary>Krylov vectors kept before a thick restart.</summary>
    [SpecKey("Krylov vectors kept before a thick restart; memory 2·basis·n numbers", Least = 4, Most = 1000)]
    public int Basis { get; init; } = 32;

    /// <summary>
    /// Whether the re-solve baseline is measured at the first step of bursts (doubles the cost there).
    /// </summary>
    [SpecKey(
        "re-solve baseline: solve twice from different starts at each burst's first step, and report the "
            + "rotation read where nothing turned"
    )]
    public bool Resolve { get; init; }

    /// <summary>At every which burst.</summary>
    [SpecKey(
        "the baseline is measured at the last of every so many bursts. Default: each",
        Least = 1,
        Most = 1e9,
        UsedWhere = "curvature.resolve",
        UsedWith = ["true"]
    )]
    public int ResolveEvery { get; init; } = 1;

    /// <summary>Random vectors of the trace estimate at the first step of each burst; 0 estimates none.</summary>
    [SpecKey(
        "random vectors (products) for the trace of the Hessian at each burst's first step, its leading "
            + "pairs taken out first; 0: none",
        Least = 0,
        Most = 1000
    )]
    public int TraceProbes { get; init; }

    /// <summary>
    /// Share of |lambda_min| that its error bar is brought below at the first step of each burst; 0 seeks none.
    /// </summary>
    [SpecKey(
        "lambda_min is converged at each regular burst's first step until its error bar is below this "
            + "share of |lambda_min|, or of a hundredth of sharpness where that is more; 0: the upper bound "
            + "alone, at no extra product. Default: chosen, at the cost in docs/theory.md",
        Least = 0,
        Most = 1
    )]
    public double Bottom { get; init; } = 0.1;

    /// <summary>Whether the gradient of the sharpness is measured too.</summary>
    [SpecKey(
        "also the gradient of the sharpness at each measurement, at two to three products and a "
            + "gradient: what moves sharpness at the edge (docs/theory.md); `--probe self-stabilisation` sets "
            + "it"
    )]
    public bool SelfStabilisation { get; init; }

    /// <summary>When measurements follow the training beyond the regular bursts.</summary>
    [SpecSection("")]
    public FollowSpec Follow { get; init; } = new();

    /// <summary>hessian or gauss-newton: whose eigenpairs are measured.</summary>
    [SpecKey(
        "whose eigenpairs are measured; gauss-newton is JᵀH_out J, without the curvature of the "
            + "network's outputs. Rules that precondition: P^-1/2 times it times P^-1/2",
        Choices = [OperatorNames.Hessian, OperatorNames.GaussNewton]
    )]
    public string Operator { get; init; } = OperatorNames.Hessian;

    /// <summary>iterate or midpoint: where eigenpairs are measured.</summary>
    [SpecKey(
        "iterate: theta(t); midpoint: (theta(t-2) + 2 theta(t-1) + theta(t))/4, where a bounce cancels "
            + "and eigenvectors do not flip (at a gradient more)",
        Choices = [Iterate, Midpoint]
    )]
    public string At { get; init; } = Iterate;

    /// <summary>Batches that the batch sharpness is a mean over; 0 measures none.</summary>
    [SpecKey(
        "batches of optimizer.batch samples whose curvature along their own gradient is averaged at each "
            + "burst's first step: batch sharpness; 0: none",
        Least = 0,
        Most = 100_000
    )]
    public int BatchProbes { get; init; }
}

/// <summary>
/// When measurements follow the training (docs/theory.md, "Follow-ups"): a group of keys in the section [curvature].
/// </summary>
internal sealed record FollowSpec
{
    /// <summary>Regular bursts alone.</summary>
    public static FollowSpec None { get; } = new() { On = false };

    /// <summary>Whether they do.</summary>
    [SpecKey(
        "extra bursts where the loss rises, sharpness is near the threshold or an update grows "
            + "(docs/theory.md): no step of the training changes",
        Name = "follow"
    )]
    public bool On { get; init; } = true;

    /// <summary>The loss above its recent minimum by this fraction starts a burst.</summary>
    [SpecKey(
        "the loss above its recent minimum by this fraction starts an extra burst, as does every new "
            + "high of the rise. Default: chosen, a third of the rises that are counted",
        Name = "follow_rise",
        Above = 0,
        Most = 1e6,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Rise { get; init; } = 0.1;

    /// <summary>So does sharpness at or above this share of the threshold, half way between two regular bursts.</summary>
    [SpecKey(
        "sharpness last at or above this share of the threshold starts one half way between two regular "
            + "bursts. Default: chosen; hovering sharpness is 0.95 to 1.11 of it (docs/optimizers.md)",
        Name = "follow_edge",
        Least = 0,
        Most = 100,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Edge { get; init; } = 0.95;

    /// <summary>So does an update of this many times the norm of the one before.</summary>
    [SpecKey(
        "an update of this many times the norm of the one before starts one at the step after. Default: "
            + "measured, of the updates in the main job that grow so much all are at the threshold",
        Name = "follow_growth",
        Least = 1,
        Most = 1e6,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Growth { get; init; } = 1.5;

    /// <summary>Products of follow-ups over those of the regular bursts, at most.</summary>
    [SpecKey(
        "products of extra bursts over those of the regular ones, at most; half of it is kept for rises "
            + "of the loss. Default: chosen, a run takes three times the products at worst",
        Name = "follow_budget",
        Least = 0,
        Most = 1000,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Budget { get; init; } = 2;
}
