using Gyre.Lab.Dynamics;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Monitoring;

/// <summary>How the module behaves while it is measured.</summary>
public enum MeasuringMode
{
    /// <summary>
    /// As its parts are set when a measurement begins: BatchNorm in training uses the statistics of each chunk, and the
    /// Hessian is of that function.
    /// </summary>
    AsItIs,

    /// <summary>
    /// In evaluation mode, set back afterwards: dropout is off, BatchNorm uses its running statistics, which then are
    /// constants of the loss.
    /// </summary>
    Evaluation,
}

/// <summary>What a <see cref="CurvatureMonitor"/> measures, and when. Defaults are those of `gyre run`.</summary>
public sealed record MonitorOptions
{
    private static readonly CurvatureSpec Defaults = new();

    /// <summary>k, leading eigenpairs followed.</summary>
    public int Pairs { get; init; } = Defaults.Pairs;

    /// <summary>
    /// Steps between the first steps of bursts; 0 measures only where <see cref="CurvatureMonitor.Measure"/> is called.
    /// </summary>
    public int Every { get; init; } = Defaults.Every;

    /// <summary>
    /// Consecutive steps measured each time: 3 show lag 1 (flip) and lag 2 (drift per bounce); a single lag lies at the
    /// edge of stability.
    /// </summary>
    public int Burst { get; init; } = Defaults.Burst;

    /// <summary>
    /// Whether an extra burst is measured half way between two regular ones while sharpness was last at or above 0.95
    /// of the threshold,
    /// and a burst is prolonged while the loss rises. Extra measurements take at most twice the products of the regular
    /// ones, as in
    /// `gyre run`. The loss is never evaluated for them alone.
    /// </summary>
    public bool Follow { get; init; } = Defaults.Follow.On;

    /// <summary>Degrees that every eigenvector's error bar is brought below.</summary>
    public double AngleToleranceDegrees { get; init; } = Defaults.AngleToleranceDegrees;

    /// <summary>Hessian-vector products a measurement may use.</summary>
    public int MaxProducts { get; init; } = Defaults.MaxProducts;

    /// <summary>Samples a chunk: memory of a gradient's graph is proportional to it.</summary>
    public int Chunk { get; init; } = 1000;

    /// <summary>Memory for cached gradient graphs; what does not fit is recomputed, with the same result.</summary>
    public int CacheMegabytes { get; init; } = 2048;

    /// <summary>wd, where the training adds wd/2·‖theta‖² to the loss.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Of the solver's random starts.</summary>
    public int Seed { get; init; }

    /// <summary>Whether the module is measured as it is or in evaluation mode.</summary>
    public MeasuringMode Mode { get; init; } = MeasuringMode.AsItIs;

    /// <summary>
    /// The curvature above which the optimizer is unstable, from its step size. Default: plain gradient descent, 2/eta;
    /// <see cref="StabilityThreshold"/> has others.
    /// </summary>
    public Func<double, double> Threshold { get; init; } = StabilityThreshold.GradientDescent;

    /// <summary>
    /// Folder to write a run into, which `gyre report` and `gyre export` read (docs/formats.md); null writes nothing.
    /// </summary>
    public string? RunFolder { get; init; }
}

/// <summary>What an event of a <see cref="CurvatureMonitor"/> tells.</summary>
/// <param name="Step">The measured step.</param>
/// <param name="Cycle">Number of the instability, from 1.</param>
/// <param name="Sharpness">S there.</param>
/// <param name="Threshold">The threshold there.</param>
/// <param name="Loss">L there, over all samples.</param>
public sealed record InstabilityEvent(long Step, int Cycle, double Sharpness, double Threshold, double Loss);
