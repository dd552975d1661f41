using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>Records of runs that never were, with the shapes that figures and tables must cope with.</summary>
internal static class SyntheticRun
{
    /// <summary>Edge-of-stability training with three instabilities, measured in bursts.</summary>
    public static RunFigureData Usual(int steps = 500, int every = 10, int pairs = 4) =>
        Create(
            steps,
            step => 2.3 * Math.Exp(-step / 120.0) * (1 + 0.4 * Math.Pow(Math.Sin(step / 19.0), 8)),
            step => 8 + 14 * Math.Exp(-Math.Pow((step - 60) / 30.0, 2)) + 5 * Math.Sin(step / 25.0),
            every,
            pairs
        ) with
        {
            Summary = Summary(
                new(1, 30, 62, 22.1, 1.9, 1.4, 95),
                new(2, 130, 150, 14, 0.9, 0.8, 171),
                new(3, 300, 310, 13, 0.2, 0.18, null)
            ),
        };

    /// <summary>The usual run with a number for every quantity there is, at every step and measurement.</summary>
    public static RunFigureData WithEverything(int steps = 100)
    {
        var usual = Usual(steps);
        return usual with
        {
            Steps =
            [
                .. usual.Steps.Select(step =>
                    step with
                    {
                        UpdateNorm = 0.06,
                        TestLoss = 0.5 + step.Loss,
                        TestAccuracy = 0.8 * step.Accuracy,
                    }
                ),
            ],
            Curvature =
            [
                .. usual.Curvature.Select(record =>
                    record with
                    {
                        Hessian = new(1.2 * record.Sharpness, 0.01, 9),
                        BatchSharpness = new(1.5 * record.Sharpness, 0.4, 10, 32),
                        Trace = new(5 * record.Sharpness, 2, 8),
                        Flip = Turned(1, 0.5),
                        DriftPerBounce = Turned(2, 0.2),
                        Drift = Turned(10, 0.3),
                        Resolve = Turned(0, 0.001),
                        Across = Turned(30, 0.6),
                    }
                ),
            ],
        };
    }

    /// <summary>A run that diverges to numbers beyond all reason and then to none.</summary>
    public static RunFigureData Diverging() =>
        Create(
            60,
            step => Exploding(step, 2, Math.Pow(10, step - 22)),
            step => Exploding(step, 9, Math.Pow(10, step - 24)),
            4,
            4
        );

    private static double Exploding(int step, double before, double after) =>
        step switch
        {
            < 20 => before,
            < 55 => after,
            _ => double.NaN,
        };

    /// <summary>Records from a loss and a sharpness over steps.</summary>
    public static RunFigureData Create(
        int steps,
        Func<int, double> loss,
        Func<int, double> sharpness,
        int every,
        int pairs
    )
    {
        var lines = Enumerable
            .Range(0, steps + 1)
            .Select(step => new StepRecord(
                step,
                loss(step),
                1 - Math.Min(1, loss(step) / 2.6),
                0.3,
                step < steps / 2 ? 0.2 : 0.15,
                step % 10 == 0 ? 0.5 + loss(step) : null,
                step % 10 == 0 ? 0.8 * (1 - Math.Min(1, loss(step) / 2.6)) : null
            ));
        var measured =
            every == 0
                ? []
                : Enumerable
                    .Range(0, steps + 1)
                    .Where(step => step % every < 3)
                    .Select(step => Measured(step, step % every, sharpness(step), pairs));
        return new RunFigureData("synthetic", "gyre 0.0.0 · synthetic-0123456789", [.. lines], [.. measured], [], null);
    }

    public static SummaryRecord Summary(params InstabilityRecord[] cycles) =>
        new()
        {
            Format = 1,
            Outcome = "edge_of_stability",
            OutcomeRule = "a rule",
            Steps = 500,
            Parameters = 200_000,
            Samples = 1000,
            FinalLoss = 0.012345,
            FinalAccuracy = 0.999,
            FinalTestAccuracy = 0.8071,
            BestTestAccuracy = 0.809,
            EdgeUnits = 0.232,
            InitialSharpness = 2.32,
            PeakSharpness = 32.4,
            PeakStep = 12,
            FinalSharpness = 7.24,
            FinalThreshold = 10,
            Cycles = cycles,
            Flattening = null,
            Flip = new(0.22134, 0.21724, 0.22544, 100, 0),
            DriftPerBounce = new(0.07, 0.06, 0.4, 50, 3),
            Drift = null,
            Resolve = null,
            Measurements = 151,
            Converged = 148,
            ProductsPerMeasurement = 12.6,
        };

    private static CurvatureRecord Measured(int step, int burst, double sharpness, int pairs) =>
        SampleRecords.Curvature(step, burst, sharpness, pairs) with
        {
            AngleErrorsDegrees = new double?[pairs],
            BlockAngleErrorDegrees = 0.5,
            LambdaMin = -0.1 * sharpness,
            LambdaMinResidual = 0.01,
            Flip = burst >= 1 ? Turned(1, 0.5 + 0.3 * Math.Sin(step / 40.0)) : null,
            DriftPerBounce = burst == 2 ? Turned(2, 0.15 + 0.1 * Math.Sin(step / 30.0)) : null,
            Drift = burst == 0 && step > 0 ? Turned(10, 0.3 + 0.2 * Math.Cos(step / 50.0)) : null,
            Resolve = burst == 0 ? Turned(0, 0.0002) : null,
        };

    private static RotationRecord Turned(int lag, double rotation) =>
        new(
            lag,
            1 - rotation,
            1 - Math.Min(1, rotation + 0.04),
            1 - Math.Max(0, rotation - 0.04),
            rotation,
            2e-5,
            [],
            [],
            [],
            [],
            [],
            []
        );
}
