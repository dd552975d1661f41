using Gyre.Lab.Keys;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Specs;

/// <summary>The section [curvature]: the measurements.</summary>
internal sealed record CurvatureSpec
{
    /// <summary>theta(t) itself.</summary>
    internal const string Iterate = "iterate";

    /// <summary>
    /// (theta(t−2) + 2·theta(t−1) + theta(t))/4, in which the bounce between two walls of a valley cancels.
    /// </summary>
    internal const string Midpoint = "midpoint";

    /// <summary>The number of eigenpairs k.</summary>
    [SpecKey("number of leading eigenpairs k", Least = 1, Most = 64)]
    public int Pairs { get; init; } = 4;

    /// <summary>Steps between the first steps of bursts; 0 disables measurements.</summary>
    [SpecKey("steps between bursts; 0: no measurements", Least = 0, Most = 1e9)]
    public int Every { get; init; } = 10;

    /// <summary>
    /// If above 0, the training time between the first steps of bursts, instead of <see cref="Every"/>.
    /// </summary>
    [SpecKey(
        "training time between bursts; a value above 0 replaces curvature.every, so that runs at "
            + "different learning rates are measured at the same times",
        Least = 0,
        Most = 1e9
    )]
    public double EveryTime { get; init; }

    /// <summary>Consecutive steps per burst.</summary>
    [SpecKey(
        "consecutive steps per burst. Default 3: lag 1 (flip) and lag 2 (drift per bounce)",
        Least = 1,
        Most = 100
    )]
    public int Burst { get; init; } = 3;

    /// <summary>Whether the burst at step 0 is complete; otherwise step 0 is measured alone.</summary>
    [SpecKey(
        "false measures step 0 alone: at initialization eigenvalues are close together, so a measurement costs "
            + "several times a later one"
    )]
    public bool BurstAtStart { get; init; } = true;

    /// <summary>The largest angle error bar of each pair.</summary>
    [SpecKey(
        "degrees: the solver iterates until each eigenvector's error bar is below this. Default: rotations of "
            + "interest are tens of degrees",
        Name = "angle_tolerance",
        Least = 1e-9,
        Most = 45
    )]
    public double AngleToleranceDegrees { get; init; } = 1;

    /// <summary>The maximum number of products per measurement.</summary>
    [SpecKey(
        "maximum number of Hessian-vector products per measurement. Default: ten times the usual",
        Least = 1,
        Most = 1e9
    )]
    public int MaxProducts { get; init; } = 200;

    /// <summary>Krylov vectors kept before a thick restart.</summary>
    [SpecKey("Krylov vectors kept before a thick restart; memory 2·basis·n values", Least = 4, Most = 1000)]
    public int Basis { get; init; } = 32;

    /// <summary>
    /// Whether the re-solve baseline is measured at the first step of bursts, at twice the cost there.
    /// </summary>
    [SpecKey(
        "re-solve baseline: solves twice from different starts at each burst's first step, and reports the "
            + "rotation between the two solves, at the same parameters"
    )]
    public bool Resolve { get; init; }

    /// <summary>The spacing of baselines in bursts.</summary>
    [SpecKey(
        "the baseline is measured at the last burst of every group of this many. Default: every burst",
        Least = 1,
        Most = 1e9,
        UsedWhere = "curvature.resolve",
        UsedWith = ["true"]
    )]
    public int ResolveEvery { get; init; } = 1;

    /// <summary>Random vectors for the trace estimate at the first step of each burst; 0 for no estimate.</summary>
    [SpecKey(
        "random vectors (products) for the trace of the Hessian at each burst's first step, its leading "
            + "pairs deflated; 0: none",
        Least = 0,
        Most = 1000
    )]
    public int TraceProbes { get; init; }

    /// <summary>
    /// The target for the error bar of lambda_min at the first step of each burst, as a share of |lambda_min|; 0 for
    /// none.
    /// </summary>
    [SpecKey(
        "at each regular burst's first step, lambda_min is computed until its error bar is below this "
            + "share of |lambda_min|, or of a hundredth of sharpness if that is larger; 0: only the upper bound "
            + "that costs no extra product. Default: chosen, at the cost in docs/theory.md",
        Least = 0,
        Most = 1
    )]
    public double Bottom { get; init; } = 0.1;

    /// <summary>Whether the gradient of the sharpness is measured too.</summary>
    [SpecKey(
        "also measures the gradient of the sharpness, at two to three products and one gradient each: it "
            + "explains how sharpness moves at the edge (docs/theory.md); `--probe self-stabilisation` sets it"
    )]
    public bool SelfStabilisation { get; init; }

    /// <summary>Measurements beyond the regular bursts that follow the training.</summary>
    [SpecSection("")]
    public FollowSpec Follow { get; init; } = new();

    /// <summary>hessian or gauss-newton: the matrix whose eigenpairs are measured.</summary>
    [SpecKey(
        "matrix whose eigenpairs are measured; gauss-newton is JᵀH_out J, without the curvature of the "
            + "network's outputs. With a preconditioner P, P^-1/2 times the matrix times P^-1/2",
        Choices = [OperatorNames.Hessian, OperatorNames.GaussNewton]
    )]
    public string Operator { get; init; } = OperatorNames.Hessian;

    /// <summary>iterate or midpoint: the point at which eigenpairs are measured.</summary>
    [SpecKey(
        "iterate: theta(t); midpoint: (theta(t-2) + 2 theta(t-1) + theta(t))/4, where a bounce cancels "
            + "and eigenvectors do not flip (at one more gradient)",
        Choices = [Iterate, Midpoint]
    )]
    public string At { get; init; } = Iterate;

    /// <summary>The number of batches for the batch sharpness; 0 for none.</summary>
    [SpecKey(
        "number of batches of optimizer.batch samples whose curvature along their own gradient is averaged at each "
            + "burst's first step: batch sharpness; 0: none",
        Least = 0,
        Most = 100_000
    )]
    public int BatchProbes { get; init; }
}

/// <summary>
/// The keys of follow-ups in the section [curvature] (docs/theory.md, "Follow-ups").
/// </summary>
internal sealed record FollowSpec
{
    /// <summary>Regular bursts only.</summary>
    public static FollowSpec None { get; } = new() { On = false };

    /// <summary>Whether there are follow-ups.</summary>
    [SpecKey(
        "extra bursts when the loss rises, sharpness is near the threshold or an update grows "
            + "(docs/theory.md); the training itself does not change",
        Name = "follow"
    )]
    public bool On { get; init; } = true;

    /// <summary>A loss above its recent minimum by this fraction starts a burst.</summary>
    [SpecKey(
        "a loss above its recent minimum by this fraction starts an extra burst, as does every new "
            + "maximum of the rise. Default: chosen, a third of the rises that are counted",
        Name = "follow_rise",
        Above = 0,
        Most = 1e6,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Rise { get; init; } = 0.1;

    /// <summary>
    /// Sharpness at or above this share of the threshold starts a burst halfway between two regular ones.
    /// </summary>
    [SpecKey(
        "sharpness that was last at or above this share of the threshold starts an extra burst halfway between "
            + "two regular ones. Default: chosen; at the edge, sharpness is 0.95 to 1.11 of it (docs/optimizers.md)",
        Name = "follow_edge",
        Least = 0,
        Most = 100,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Edge { get; init; } = 0.95;

    /// <summary>An update of this many times the norm of the previous one starts a burst.</summary>
    [SpecKey(
        "an update of this many times the norm of the previous one starts an extra burst at the next step. "
            + "Default: measured: in the default run, all updates that grow this much are at the threshold",
        Name = "follow_growth",
        Least = 1,
        Most = 1e6,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Growth { get; init; } = 1.5;

    /// <summary>The maximum number of products of follow-ups, relative to those of the regular bursts.</summary>
    [SpecKey(
        "maximum number of products of extra bursts, relative to those of the regular ones; half of it is "
            + "reserved for rises of the loss. Default: chosen; a run costs at most three times the products",
        Name = "follow_budget",
        Least = 0,
        Most = 1000,
        UsedWhere = "curvature.follow",
        UsedWith = ["true"]
    )]
    public double Budget { get; init; } = 2;
}
