using System.Globalization;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>
/// Sweeps that never were: rates, seeds, and what became of the runs, with numbers that follow from rate and seed by a
/// formula.
/// </summary>
internal sealed record SyntheticSweep(double[] Rates, int Seeds)
{
    public const string RateKey = "training.learning_rate";

    public string Name { get; init; } = "synthetic";

    public double DivergesFrom { get; init; } = double.PositiveInfinity;

    public bool Forks { get; init; } = true;

    /// <summary>Steps at which the largest rate is reduced to the smallest.</summary>
    public long[] Moments { get; init; } = [20];

    public bool Measured { get; init; } = true;

    /// <summary>Share of the cells, from the first, that are finished.</summary>
    public double Done { get; init; } = 1;

    /// <summary>A second key and its values as a plan writes them, or none.</summary>
    public string[] Activations { get; init; } = [];

    public string CommandLine { get; init; } = "/usr/lib/gyre/gyre.dll sweep rates --set sweep.seeds=3";

    public static SyntheticSweep Usual { get; } = new([0.02, 0.1, 0.5], 3);

    /// <summary>
    /// Test accuracy that a run has: it rises with the rate up to 0.1, falls beyond, and differs by seed.
    /// </summary>
    public static double Accuracy(double rate, int seed) =>
        0.8 - 0.02 * Math.Pow(Math.Log10(rate / 0.1), 2) + 0.004 * seed;

    public SweepPlanRecord Plan()
    {
        var cells = new List<SweepCellRecord>();
        foreach (var activation in Activations.Length == 0 ? [""] : Activations)
        {
            for (var seed = 0; seed < Seeds; seed++)
            {
                foreach (var rate in Rates)
                    cells.Add(Cell(activation, seed, rate));
                if (Forks && Rates.Length > 1)
                {
                    var (parent, to) = (cells[^1], Rates[0]);
                    cells.AddRange(
                        Moments.Select(moment =>
                            parent with
                            {
                                Folder = string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{parent.Folder}-fork{(moment == 20 ? "" : $"{moment}")}"
                                ),
                                Group = string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"eta {parent.LearningRate} → {to}{Suffix(activation)} at step {moment}"
                                ),
                                Parent = parent.Folder,
                                ForkStep = moment,
                                ReducedTo = to,
                                ReducedToEdgeUnits = 2 * to,
                            }
                        )
                    );
                }
            }
        }
        return new SweepPlanRecord(
            1,
            "0.0.0+abc",
            Name,
            CommandLine,
            1,
            Activations.Length == 0 ? [RateKey] : [RateKey, "model.activation"],
            [.. cells]
        );
    }

    public SweepReportData Data()
    {
        var plan = Plan();
        var done = (int)Math.Round(Done * plan.Cells.Length);
        return new SweepReportData(
            plan,
            $"gyre 0.0.0 · {Name}",
            [.. plan.Cells.Take(done).Select(Series)],
            [.. plan.Cells.Skip(done)],
            []
        );
    }

    /// <summary>Writes the sweep as a folder, as far as it is done.</summary>
    public SweepReader Write(string path)
    {
        var plan = Plan();
        using (var writer = SweepWriter.Open(new SweepFolder(path)))
            writer.Write(plan, "name = \"synthetic\"\n# a comment <of> the user\n");
        foreach (var cell in plan.Cells.Take((int)Math.Round(Done * plan.Cells.Length)))
        {
            var folder = new SweepFolder(path).Cell(cell.Folder);
            folder.Create(
                "format = 1\n",
                new EnvironmentRecord(
                    1,
                    "0.0.0+abc",
                    "10.0.0",
                    "an <os>",
                    2,
                    1,
                    "cpu",
                    "2.10.0",
                    "",
                    true,
                    "gyre",
                    cell.Seed,
                    DateTimeOffset.UnixEpoch
                )
            );
            var (summary, steps, curvature) = Records(cell);
            using var lines = new RunWriter(folder, new Dictionary<string, long>());
            foreach (var step in steps)
                lines.Append(step);
            foreach (var record in curvature)
                lines.Append(record);
            lines.Finish(summary with { Steps = steps[^1].Step, Measurements = curvature.Length });
        }
        return SweepReader.Open(path);
    }

    private CellSeries Series(SweepCellRecord cell)
    {
        var (summary, steps, curvature) = Records(cell);
        return CellSeries.FromRecords(cell, summary, steps, curvature);
    }

    private (SummaryRecord Summary, StepRecord[] Steps, CurvatureRecord[] Curvature) Records(SweepCellRecord cell)
    {
        var (rate, diverges) = (cell.LearningRate, cell.LearningRate >= DivergesFrom);
        var run = diverges
            ? SyntheticRun.Diverging()
            : SyntheticRun.Create(
                60,
                step => 2.3 * Math.Exp(-step / 20.0),
                step => 1 / rate * (0.5 + step / 60.0 + 0.05 * cell.Seed),
                10,
                4
            );
        double Eta(long step) => cell.ForkStep is { } fork && step >= fork ? cell.ReducedTo!.Value : rate;
        // Seeds train differently: cells of one training count as one.
        StepRecord[] steps =
        [
            .. run.Steps.Select(step =>
                step with
                {
                    LearningRate = Eta(step.Step),
                    GradientNorm = step.GradientNorm + 1e-6 * cell.Seed,
                }
            ),
        ];
        CurvatureRecord[] curvature = Measured
            ? [.. run.Curvature.Select(record => record with { Threshold = 2 / Eta(record.Step) })]
            : [];
        var gain = cell.Parent is null ? 0 : 0.01;
        InstabilityRecord[] cycles =
            rate < 0.05 ? [] : [.. Enumerable.Range(1, 2 + cell.Seed).Select(i => Cycle(i, rate))];
        var summary = SyntheticRun.Summary(cycles) with
        {
            Outcome = diverges ? "diverged" : ConvergedOutcome(rate),
            FinalTestAccuracy = diverges ? 0.1 : Accuracy(rate, cell.Seed) + gain,
            PeakSharpness = 3 / rate,
            FinalSharpness = 1.8 / rate,
            Flip = Measured ? new RotationSummary(Math.Min(0.9, rate + 0.01 * cell.Seed), 0, 1, 10, 0) : null,
            DriftPerBounce = Measured ? new RotationSummary(Math.Min(0.9, 0.3 * rate), 0, 1, 10, 0) : null,
            Drift = Measured ? new RotationSummary(Math.Min(0.9, 0.1 + rate), 0, 1, 10, 0) : null,
            Resolve = Measured ? new RotationSummary(1e-5, 0, 2e-5, 10, 0) : null,
        };
        return (summary, steps, curvature);
    }

    private static InstabilityRecord Cycle(int number, double rate) =>
        new(number, 10 * number, 10 * number + 2, 3 / rate / Math.Sqrt(number), 1, 1, 10 * number + 5);

    private static string ConvergedOutcome(double rate) =>
        rate switch
        {
            < 0.05 => "stable",
            > 0.3 => "catapult",
            _ => "edge_of_stability",
        };

    private static SweepCellRecord Cell(string activation, int seed, double rate)
    {
        var values = new Dictionary<string, string> { [RateKey] = rate.ToString(CultureInfo.InvariantCulture) };
        if (activation.Length > 0)
            values["model.activation"] = activation;
        return new SweepCellRecord(
            string.Create(
                CultureInfo.InvariantCulture,
                $"cell-{activation.Trim('"').Replace("/", "", StringComparison.Ordinal)}{rate}-{seed}"
            ),
            string.Create(CultureInfo.InvariantCulture, $"eta {rate}{Suffix(activation)}"),
            seed,
            rate,
            2 * rate,
            values
        );
    }

    private static string Suffix(string activation) =>
        activation.Length == 0 ? "" : $" · model.activation {activation}";
}
