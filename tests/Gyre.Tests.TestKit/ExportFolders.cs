using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Tests.TestKit;

/// <summary>Run and sweep folders that never ran, with everything an export must cope with.</summary>
internal static class ExportFolders
{
    public static DateTimeOffset Started { get; } = new(2024, 12, 16, 8, 30, 0, 250, TimeSpan.Zero);

    /// <summary>Numbers whose shortest digits are long, large, small and not there.</summary>
    public static StepRecord[] Steps { get; } =
    [
        new(0, 2.3025850929940455, 0.1, 1.0 / 3, 0.2, 2.31, 0.11),
        new(1, 5e-324, 0.5, 1.7976931348623157e308, 0.1),
        new(2, double.NaN, 0.25, double.PositiveInfinity, 0.05, 1e16, 0.125),
    ];

    public static CurvatureRecord Measured { get; } =
        SampleRecords.Curvature(step: 2, burst: 1, pairs: 2) with
        {
            Sharpness = 11.5,
            Eigenvalues = [11.5, 9.25],
            Residuals = [1e-3, double.NaN],
            Gaps = [2.25, 0.1],
            AngleErrorsDegrees = [0.3, null],
            BlockGap = 4,
            BlockAngleErrorDegrees = null,
            LambdaMin = -3,
            LambdaMinResidual = 0.2,
            Products = 12,
            GradientAlignment = 0.8,
            ParticipationRatios = [0.01, 0.02],
            LayerShares = new Dictionary<string, double[]>
            {
                ["layer0.weight"] = [0.7, 0.6],
                ["layer0.bias"] = [0.3, 0.4],
            },
            Trace = new TraceRecord(40.5, 1.5, 8),
            Flip = new(
                1,
                0.5,
                0.4,
                0.6,
                0.5,
                0.01,
                [0.7, 0.6],
                [0.65, 0.5],
                [0.8, 0.75],
                [0.9, 0.85],
                [1, 0],
                [-0.7, 0.6]
            ),
            Resolve = new(0, 0.875, 0.75, 1, 0.125, 0.01, [], [], [], [], [], []),
        };

    public static EventRecord[] Events { get; } =
    [new(1, "onset", 1, 11.5, 10, 2.5), new(2, "ended", Detail: "commas, \"quotes\"\r\nand lines; η")];

    public static TimingRecord[] Timings { get; } =
    [new(0, 0.5, 0.25, 0, 0.25, 1), new(1, 0.5, 0, 0, 0, 0.5), new(1, 1, 0, 0, 0, 2), new(2, 1, 1, 1, 1, 4)];

    /// <summary>A finished run, with values that are not there.</summary>
    public static SummaryRecord Summary { get; } =
        new()
        {
            Format = 1,
            Outcome = "stable",
            OutcomeRule = "a rule",
            Steps = 3,
            Parameters = 10,
            Samples = 20,
            FinalLoss = double.NaN,
            FinalAccuracy = 0.5,
            FinalTestAccuracy = null,
            BestTestAccuracy = null,
            EdgeUnits = 0.1,
            InitialSharpness = 1,
            PeakSharpness = 2,
            PeakStep = 1,
            FinalSharpness = 1.5,
            FinalThreshold = 10,
            Cycles = [new(1, 2, 3, 4, 5, 6, null)],
            Flattening = null,
            Flip = new(0.1, 0, 0.2, 3, 1),
            DriftPerBounce = null,
            Drift = null,
            Resolve = null,
            Measurements = 3,
            Converged = 2,
            ProductsPerMeasurement = 17.5,
        };

    /// <summary>A run folder with these lines; trained otherwise where a number is given, by nearly nothing.</summary>
    public static RunFolder Run(string path, SummaryRecord? summary = null, int number = 0)
    {
        var folder = new RunFolder(path);
        folder.Create(SpecText.Write(SpecReader.Read("quick")), SampleRecords.Environment with { Started = Started });
        using var writer = new RunWriter(folder, new Dictionary<string, long>());
        Append(writer, Steps.Select(step => step with { GradientNorm = step.GradientNorm + 1e-12 * number }));
        Append(writer, [Measured]);
        Append(writer, Events);
        Append(writer, Timings);
        if (summary is not null)
            writer.Finish(summary with { Steps = Steps[^1].Step, Measurements = 1 });
        return folder;
    }

    /// <summary>
    /// A sweep of two rates and three seeds, and a cell that is not begun; the accuracies are those given, in order of
    /// the plan.
    /// </summary>
    public static SweepFolder Sweep(string path, double[] accuracies)
    {
        var folder = new SweepFolder(path);
        var cells =
            from rate in new[] { 0.125, 0.5 }
            from seed in Enumerable.Range(0, 3)
            select new SweepCellRecord($"cell-{rate}-{seed}", $"{rate}, relu", seed, rate, rate / 2, Values($"{rate}"));
        SweepCellRecord[] plan =
        [
            .. cells,
            new("late", "0.8, relu", 0, 0.8, double.NaN, Values("0.8"), "cell-0.5-0", 5, 0.1, 0.05),
        ];
        using (var writer = SweepWriter.Open(folder))
            writer.Write(
                new SweepPlanRecord(
                    1,
                    "0",
                    "test",
                    "gyre sweep",
                    1,
                    ["training.learning_rate", "model.activation"],
                    plan
                ),
                "name = \"test\"\n"
            );
        for (var i = 0; i < accuracies.Length; i++)
            Run(folder.Cell(plan[i].Folder).Path, Summary with { FinalTestAccuracy = accuracies[i] }, i);
        return folder;
    }

    private static Dictionary<string, string> Values(string rate) =>
        new() { ["training.learning_rate"] = rate, ["model.activation"] = "\"relu\"" };

    private static void Append<T>(RunWriter writer, IEnumerable<T> records)
    {
        foreach (var record in records)
            writer.Append(record);
    }
}
