using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>
/// The numbers of a run's lines as columns: those of <see cref="QuantityCatalog"/> by name, with the ends of their
/// error bars, and others that pages need. Memory: 8 bytes per number.
/// </summary>
internal static class RunColumns
{
    /// <summary>Training time, the sum of the previous learning rates.</summary>
    public const string Time = "time";

    /// <summary>1 − k/n, the rotation between random spaces.</summary>
    public const string Chance = "chance";

    /// <summary>Returns the columns of a line of steps.jsonl.</summary>
    public static IEnumerable<(string, double)> GetValues(StepRecord step, double time) =>
        QuantityCatalog
            .PerStep.SelectMany(quantity => GetValues(quantity, quantity.FromStep!(step)))
            .Prepend((Time, time));

    /// <summary>
    /// Returns the columns of a measurement. The shares of v1 by parameter tensor at the first step of regular bursts
    /// have names of <c>share:</c> and the tensor's name.
    /// </summary>
    public static IEnumerable<(string, double)> GetValues(CurvatureRecord record) =>
        [
            ("burst", record.Burst),
            ("follow", record.Follow is null ? 0 : 1),
            .. QuantityCatalog.PerMeasurement.SelectMany(quantity =>
                GetValues(quantity, quantity.FromMeasurement!(record))
            ),
            .. QuantityCatalog
                .Eigenvalues.Read(record)
                .Select((value, rank) => (QuantityCatalog.Eigenvalues.Column(rank), value)),
            .. QuantityCatalog.Turned(record).Select(turned => (Chance, 1 - turned.Rotation.Chance)),
            .. Shares(record),
        ];

    /// <summary>Missing numbers take no room: a column begins with its first number.</summary>
    private static IEnumerable<(string, double)> GetValues(Quantity quantity, MeasuredValue measured)
    {
        if (double.IsNaN(measured.Value))
            yield break;
        yield return (quantity.Name, quantity.Factor * measured.Value);
        if (quantity.Band.Length == 0)
            yield break;
        yield return (quantity.LowName, quantity.Factor * measured.Low);
        yield return (quantity.HighName, quantity.Factor * measured.High);
    }

    private static IEnumerable<(string, double)> Shares(CurvatureRecord record)
    {
        if (!record.StartsBurst() || record.LayerShares is null)
            yield break;
        foreach (var (tensor, shares) in record.LayerShares)
        {
            if (shares is { Length: > 0 })
                yield return (Share + tensor, 100 * shares[0]);
        }
    }

    /// <summary>Returns the columns of a line of timings.jsonl.</summary>
    public static IEnumerable<(string, double)> GetValues(TimingRecord timing)
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

    /// <summary>The prefix of the names of parameter tensors.</summary>
    public const string Share = "share:";
}
