using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Tests.Lab.Reports;

/// <summary>The density of an inspection, for spectra of every extent.</summary>
public class DensityFigureTests
{
    public static TheoryData<double, double, double> Spectra =>
        new()
        {
            { -1, 3, 0.5 },
            { 0, 0, 0 },
            { 0, double.Epsilon, 0 },
            { 1, 1, 1e12 },
            { -1e300, 1e300, 1e-300 },
            { double.MinValue, double.MaxValue, double.Epsilon },
            { 1e16, 1e16 + 2, double.MaxValue },
            { -1, 1, double.NaN },
            { -1, 1, double.PositiveInfinity },
            { 1e-300, 2e-300, 1e299 },
        };

    [Theory]
    [MemberData(nameof(Spectra))]
    public void Any_density_gives_a_whole_picture(double low, double high, double value)
    {
        var record = Record(low, high, value);
        var page = SvgPage.Within(() => DensityFigure.Page(record, "gyre inspect")!);
        Assert.NotEmpty(SvgPage.Within(page.ToPng));
        SvgPage.NothingButNumbers(page, $"{low} {high} {value}");
    }

    [Fact]
    public void Names_that_steer_a_terminal_or_break_XML_are_spelled_out()
    {
        var page = DensityFigure.Page(
            Record(-1, 3, 0.5) with
            {
                Model = "net\u001b[2J\0\ufffe",
                Data = "\u202edata\ud800",
            },
            "gyre \u0085"
        )!;
        Assert.Contains("net\\u001b[2J\\u0000\\ufffe", SvgPage.Parse(page.ToSvg()).Value, StringComparison.Ordinal);
    }

    private static InspectionRecord Record(double low, double high, double value)
    {
        double[] places = [.. Enumerable.Range(0, 400).Select(i => low + i / 399.0 * (high / 2 - low / 2) * 2)];
        var pair = new EigenpairRecord(high, 0, 1, null, 1, new Dictionary<string, double> { ["w"] = 1 });
        return new InspectionRecord
        {
            Format = 1,
            Model = "mlp",
            Data = "moons",
            Operator = "hessian",
            Samples = 3,
            SamplesAtHand = null,
            Loss = 1,
            Accuracy = 1,
            GradientNorm = 1,
            Parameters = 10,
            Chosen = ["w"],
            Top = [pair],
            Bottom = [pair with { Value = low }],
            Floor = null,
            StopReason = "converged",
            Trace = null,
            Layers = null,
            Remarks = [],
            Products = 1,
            Seconds = 1,
            Density = new DensityRecord(
                4,
                40,
                (high / 100) - (low / 100),
                places,
                [.. places.Select(_ => value)],
                [.. places.Select(_ => value / 10)],
                0,
                0,
                0
            ),
        };
    }
}
