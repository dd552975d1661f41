using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>The numbers of a run's lines as columns, named as in docs/formats.md. Memory: 8 bytes a number.</summary>
internal static class RunColumns
{
    /// <summary>
    /// Of a line of steps.jsonl; training time, the sum of the step sizes before it, is added as <c>time</c>.
    /// </summary>
    public static IEnumerable<(string, double)> Of(StepRecord step, double time) =>
        [
            ("time", time),
            ("loss", step.Loss),
            ("accuracy", 100 * step.Accuracy),
            ("gradient_norm", step.GradientNorm),
            ("learning_rate", step.LearningRate),
            .. step.TestLoss is { } loss ? [("test_loss", loss)] : Array.Empty<(string, double)>(),
            .. step.TestAccuracy is { } accuracy
                ? [("test_accuracy", 100 * accuracy)]
                : Array.Empty<(string, double)>(),
        ];

    /// <summary>
    /// Of a measurement. Shares of parameter tensors are kept of v1 at a regular burst's first step, as <c>share:</c>
    /// and the tensor's name.
    /// </summary>
    public static IEnumerable<(string, double)> Of(CurvatureRecord record)
    {
        yield return ("burst", record.Burst);
        yield return ("follow", record.Follow is null ? 0 : 1);
        yield return ("sharpness", record.Sharpness);
        yield return ("threshold", record.Threshold);
        yield return ("over_threshold", record.Sharpness / record.Threshold);
        if (record.ConvergedLambdaMin() is { } smallest)
            yield return ("lambda_min", smallest);
        yield return ("products", record.Products);
        yield return ("gradient_alignment", record.GradientAlignment);
        // A list that must be there may still be null in a file of another version.
        for (var i = 0; i < (record.Eigenvalues?.Length ?? 0); i++)
            yield return (Eigenvalue(i), record.Eigenvalues![i]);
        foreach (
            var pair in Rotation("flip", record.Flip)
                .Concat(Rotation("drift_per_bounce", record.DriftPerBounce))
                .Concat(Rotation("drift", record.Drift))
                .Concat(Rotation("resolve", record.Resolve))
                .Concat(Rotation("across", record.Across))
        )
            yield return pair;
        if (record.Trace is { } trace)
            yield return ("trace", trace.Value);
        if (record.BatchSharpness is { } batch)
            yield return ("batch_sharpness", batch.Value);
        if (record.Hessian is { } hessian)
            yield return ("hessian_sharpness", hessian.Sharpness);
        if (!record.StartsBurst() || record.LayerShares is null)
            yield break;
        foreach (var (tensor, shares) in record.LayerShares)
        {
            if (shares is { Length: > 0 })
                yield return (Share + tensor, 100 * shares[0]);
        }
    }

    /// <summary>Of a line of timings.jsonl.</summary>
    public static IEnumerable<(string, double)> Of(TimingRecord timing)
    {
        (string, double)[] parts =
        [
            ("gradient", timing.Gradient),
            ("curvature", timing.Curvature),
            ("evaluation", timing.Evaluation),
            ("files", timing.Files),
            ("total", timing.Total),
        ];
        return timing is { Exchange: { } exchange, Waiting: { } waiting }
            ? [.. parts, ("exchange", exchange), ("waiting", waiting)]
            : parts;
    }

    /// <summary>Before the name of a parameter tensor.</summary>
    public const string Share = "share:";

    /// <summary>Column of an eigenvalue by its rank from 0.</summary>
    public static string Eigenvalue(int rank) => FormattableString.Invariant($"eigenvalue_{rank + 1}");

    /// <summary>1 − overlap, and the ends that the angle error bars allow.</summary>
    private static IEnumerable<(string, double)> Rotation(string name, RotationRecord? rotation) =>
        rotation is null
            ? []
            :
            [
                (name, rotation.Rotation),
                ($"{name}_low", 1 - rotation.OverlapHigh),
                ($"{name}_high", 1 - rotation.OverlapLow),
                ("chance", 1 - rotation.Chance),
            ];
}
