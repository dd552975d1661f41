using Gyre.Lab.Dynamics;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Monitoring;

/// <summary>The modes of the module during measurements.</summary>
public enum MeasuringMode
{
    /// <summary>
    /// The modes that its parts have when a measurement begins. BatchNorm in training mode uses the statistics of
    /// each chunk, and the Hessian is that of this function.
    /// </summary>
    AsItIs,

    /// <summary>
    /// Evaluation mode, which is restored afterwards: dropout is off, and BatchNorm uses its running statistics,
    /// which are constants of the loss.
    /// </summary>
    Evaluation,
}

/// <summary>Options of a <see cref="CurvatureMonitor"/>. The defaults are those of `gyre run`.</summary>
public sealed record MonitorOptions
{
    private static readonly CurvatureSpec Defaults = new();

    /// <summary>The number of leading eigenpairs k.</summary>
    public int Pairs { get; init; } = Defaults.Pairs;

    /// <summary>
    /// Steps between the first steps of bursts; 0 measures only if <see cref="CurvatureMonitor.Measure"/> is called.
    /// </summary>
    public int Every { get; init; } = Defaults.Every;

    /// <summary>
    /// Consecutive steps per burst. 3 give lag 1 (flip) and lag 2 (drift per bounce); a single lag misleads at the
    /// edge of stability.
    /// </summary>
    public int Burst { get; init; } = Defaults.Burst;

    /// <summary>
    /// Whether an extra burst is measured halfway between two regular ones while sharpness was last at or above 0.95
    /// of the threshold, and a burst is prolonged while the loss rises. Extra measurements use at most twice the
    /// products of the regular ones, as in `gyre run`. The loss is never evaluated only for them.
    /// </summary>
    public bool Follow { get; init; } = Defaults.Follow.On;

    /// <summary>The largest angle error bar of each eigenvector, in degrees.</summary>
    public double AngleToleranceDegrees { get; init; } = Defaults.AngleToleranceDegrees;

    /// <summary>The maximum number of Hessian-vector products per measurement.</summary>
    public int MaxProducts { get; init; } = Defaults.MaxProducts;

    /// <summary>Samples per chunk. The memory of a gradient graph is proportional to it.</summary>
    public int Chunk { get; init; } = 1000;

    /// <summary>
    /// Memory for cached gradient graphs. Graphs that exceed it are recomputed, with the same result.
    /// </summary>
    public int CacheMegabytes { get; init; } = 2048;

    /// <summary>Weight decay wd, if the training adds wd/2·‖theta‖² to the loss.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Seed of the solver's random starting vectors.</summary>
    public int Seed { get; init; }

    /// <summary>Whether the module is measured in its current modes or in evaluation mode.</summary>
    public MeasuringMode Mode { get; init; } = MeasuringMode.AsItIs;

    /// <summary>
    /// Returns the curvature above which the optimizer is unstable, given its learning rate. Default: plain gradient
    /// descent, 2/eta. <see cref="StabilityThreshold"/> provides others.
    /// </summary>
    public Func<double, double> Threshold { get; init; } = StabilityThreshold.GradientDescent;

    /// <summary>
    /// Folder of the run, which `gyre report` and `gyre export` read (docs/formats.md); null to write nothing.
    /// </summary>
    public string? RunFolder { get; init; }
}

/// <summary>The data of an event of a <see cref="CurvatureMonitor"/>.</summary>
/// <param name="Step">The measured step.</param>
/// <param name="Cycle">Number of the instability, from 1.</param>
/// <param name="Sharpness">S at this step.</param>
/// <param name="Threshold">The threshold at this step.</param>
/// <param name="Loss">L at this step, over all samples.</param>
public sealed record InstabilityEvent(long Step, int Cycle, double Sharpness, double Threshold, double Loss);
