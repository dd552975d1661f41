using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Reports;

public sealed class RunTableTests
{
    private static readonly SummaryRecord Usual = SyntheticRun.Summary(
        new InstabilityRecord(1, 30, 62, 22, 2, 1, 95),
        new InstabilityRecord(2, 130, 150, 14, 1, 1, null)
    );

    [Fact]
    public void Rotation_has_as_many_digits_as_its_error_allows() =>
        Assert.Equal("0.2213 ± 0.0041", Row(Usual, "flip").Value);

    [Fact]
    public void An_error_that_is_not_alike_on_both_sides_is_shown_by_its_ends()
    {
        var row = Row(Usual, "drift per bounce");

        Assert.Equal("0.07 [0.06, 0.40]", row.Value);
        Assert.Contains("50 measured, 3 unresolved", row.Note);
    }

    [Fact]
    public void Chance_is_told_by_its_distance_from_one() =>
        Assert.Contains("random spaces 1 − 2e−5", Row(Usual, "flip").Note);

    [Fact]
    public void What_was_not_measured_is_a_dash_with_the_way_to_measure_it()
    {
        Assert.Equal(
            ("—", "set curvature.resolve = true to measure it"),
            (Row(Usual, "re-solve baseline").Value, Row(Usual, "re-solve baseline").Note)
        );
        Assert.Equal("—", Row(Usual, "drift").Value);
        Assert.Equal("needs three instabilities", Row(Usual, "flattening").Note);
    }

    [Fact]
    public void Outcome_instabilities_sharpness_and_accuracy_are_said()
    {
        Assert.Equal(("edge of stability", "a rule"), (Row(Usual, "outcome").Value, Row(Usual, "outcome").Note));
        Assert.Equal("2, 1 resolved", Row(Usual, "instabilities").Value);
        Assert.Equal("2.32 → peak 32.4 → 7.24", Row(Usual, "sharpness").Value);
        Assert.Contains("threshold 10", Row(Usual, "sharpness").Note);
        Assert.Equal("train 99.9 %, test 80.7 %", Row(Usual, "accuracy").Value);
        Assert.Contains("best test 80.9 %", Row(Usual, "accuracy").Note);
    }

    [Fact]
    public void Measurements_say_how_many_converged()
    {
        Assert.Equal(
            ("151, 148 converged (98.0 %)", "12.6 Hessian-vector products each"),
            (Row(Usual, "measurements").Value, Row(Usual, "measurements").Note)
        );
        Assert.Equal("151, all converged", Row(Usual with { Converged = 151 }, "measurements").Value);
        Assert.Equal(
            "none",
            Row(
                Usual with
                {
                    Measurements = 0,
                    Converged = 0,
                    ProductsPerMeasurement = double.NaN,
                },
                "measurements"
            ).Value
        );
    }

    [Fact]
    public void Flattening_has_its_interval_or_says_that_it_has_none()
    {
        Assert.Equal(
            "−2.78 [−4.1, −1.2]",
            Row(Usual with { Flattening = new(-2.78, -4.1, -1.2, -0.8, 0.03, 5, 0.4) }, "flattening").Value
        );
        Assert.Equal(
            "−2.78, unbounded",
            Row(Usual with { Flattening = new(-2.78, double.NaN, double.NaN, -0.8, 0.3, 3, 0.4) }, "flattening").Value
        );
    }

    [Fact]
    public void Times_are_summed_by_part()
    {
        var rows = RunTable.Rows(Usual, TimingRecord.Sum([new(0, 1, 2, 3, 0.5, 7), new(1, 1, 2, 0, 0.5, 4)]), 4, []);

        Assert.Equal(
            new TableRow("time", "11.0 s", "gradients 2.0 s, curvature 4.0 s, test set 3.0 s, files 1.0 s"),
            rows[^1]
        );
    }

    [Fact]
    public void A_run_that_diverged_to_no_number_shows_dashes_and_powers()
    {
        var diverged = Usual with
        {
            PeakSharpness = 3.2e30,
            FinalSharpness = double.NaN,
            FinalLoss = double.NaN,
            FinalTestAccuracy = null,
            BestTestAccuracy = null,
        };

        Assert.Equal("2.32 → peak 3.2e30 → —", Row(diverged, "sharpness").Value);
        Assert.Equal("train 99.9 %, test —", Row(diverged, "accuracy").Value);
    }

    private static TableRow Row(SummaryRecord summary, string name) =>
        RunTable.Rows(summary, null, 4, []).Single(row => row.Name == name);
}
