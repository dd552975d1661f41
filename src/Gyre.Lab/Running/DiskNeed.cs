using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>
/// A lower bound on the disk space that a run's folder needs until it is done, in bytes. It leaves out what the
/// training decides, such as follow-ups. Pure.
/// </summary>
/// <param name="Spec">The resolved spec.</param>
/// <param name="Parameters">The number of parameters n.</param>
internal sealed record DiskNeed(RunSpec Spec, long Parameters)
{
    private const double StepBytes = 120;
    private const double MeasurementBytes = 1200;
    private const double SketchBytes = 4096 * 4;
    private const double Mega = 1e6;

    private double Vector => (double)Parameters * (Spec.Dtype == DtypeNames.Float64 ? 8 : 4);

    private long Bursts => RunSchedules.Bursts(Spec).Count;

    /// <summary>The bytes of eigenvectors and displacements, whole or as sketches.</summary>
    public double Eigenvectors =>
        Bursts
        * (Spec.Curvature.Pairs + 1)
        * (Whole <= Spec.Keeping.EigenvectorMegabytes * Mega ? Vector : SketchBytes);

    /// <summary>
    /// The bytes of the checkpoints that stay, both the latest and the permanent ones, each with the eigenvectors of
    /// the last two bursts.
    /// </summary>
    public double Checkpoints
    {
        get
        {
            var writes = Math.Max(1, Spec.Training.Steps / Math.Max(1, Spec.Keeping.CheckpointEvery));
            var vectors = Math.Min(2.0, Bursts) * Spec.Curvature.Burst * Spec.Curvature.Pairs;
            return (Math.Min(Spec.Keeping.KeepCheckpoints, writes) + Spec.Keeping.CheckpointAt.Count)
                * Vector
                * (1 + vectors);
        }
    }

    /// <summary>The bytes of everything together.</summary>
    public double Total =>
        Spec.Training.Steps * StepBytes + Bursts * Spec.Curvature.Burst * MeasurementBytes + Eigenvectors + Checkpoints;

    private double Whole => Bursts * (Spec.Curvature.Pairs + 1) * Vector;

    /// <summary>Returns why there is no room for a few runs together; null if there may be.</summary>
    /// <param name="runs">The runs to be done.</param>
    /// <param name="free">Bytes free, including what the runs have already written.</param>
    /// <param name="place">The folder, for the message.</param>
    public static SpecMistake? Refusal(IReadOnlyList<DiskNeed> runs, double free, string place)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var total = runs.Sum(run => run.Total);
        if (!(total > free))
            return null;
        var (vectors, checkpoints) = (runs.Sum(run => run.Eigenvectors), runs.Sum(run => run.Checkpoints));
        var key = vectors >= checkpoints ? "run.eigenvectors_mb" : "run.keep_checkpoints";
        var who = runs.Count == 1 ? "the run writes" : $"the {runs.Count} unfinished runs write";
        var what =
            $"{who} at least {ByteSize.Format(total)}, including {ByteSize.Format(vectors)} of eigenvectors and "
            + $"{ByteSize.Format(checkpoints)} of checkpoints";
        return new SpecMistake(
            key,
            $"{what}, but {place} has {ByteSize.Format(free)} of space. {Way(runs, key, free)}"
                + "Free some space and give the same command again, or choose another place with --out"
        );
    }

    /// <summary>Returns a value of the key with which the runs fit, as a sentence; empty if there is none.</summary>
    private static string Way(IReadOnlyList<DiskNeed> runs, string key, double free)
    {
        var (value, less) =
            key == "run.eigenvectors_mb"
                ? (
                    0,
                    runs.Select(run =>
                        run with
                        {
                            Spec = run.Spec with { Keeping = run.Spec.Keeping with { EigenvectorMegabytes = 0 } },
                        }
                    )
                )
                : (
                    0,
                    runs.Select(run =>
                        run with
                        {
                            Spec = run.Spec with { Keeping = run.Spec.Keeping with { KeepCheckpoints = 0 } },
                        }
                    )
                );
        return less.Sum(run => run.Total) <= free ? $"{key} = {value} fits, with the same results. " : "";
    }
}
