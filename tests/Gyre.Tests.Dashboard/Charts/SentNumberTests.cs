using System.Text.Json;
using Gyre.Dashboard.Charts;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>
/// The charts' package makes decimals of numbers and ends the page where one does not fit: none is sent that does not.
/// </summary>
public class SentNumberTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(0.1)]
    [InlineData(1e-21)]
    [InlineData(-2.5e-30)]
    [InlineData(1e300)]
    [InlineData(9e28)]
    [InlineData(-3.4e38)]
    [InlineData(1e149)]
    [InlineData(double.MaxValue)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Every_number_can_be_sent_and_means_itself(double value)
    {
        var sent = JsonSerializer.SerializeToElement(PlotlyValues.Boxed(value));
        if (sent.ValueKind == JsonValueKind.Null)
            Assert.False(Math.Abs(value) < 1e150);
        else
            Assert.Equal(
                value,
                sent.ValueKind == JsonValueKind.Number
                    ? (double)sent.GetDecimal()
                    : double.Parse(sent.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
                Math.Abs(value) * 1e-6
            );
    }

    [Fact]
    public void A_descent_that_diverges_can_be_sent_whole()
    {
        var study = TheoryStudy.Create(TheoryState.Default with { X = 4, Y = 3.774, Eta = 0.3 });
        Assert.True(study.Points.Max(point => point.Sharpness) > 1e100);
        foreach (
            var trace in TheoryCharts
                .Create(study)
                .SelectMany(chart => PlotlyDrawing.Traces(chart, Window.All, chart.Logarithmic))
        )
        {
            foreach (var number in Numbers(JsonSerializer.SerializeToElement<object>(trace)))
                Assert.True(number.TryGetDecimal(out _), number.ToString());
        }
    }

    public static TheoryData<double, double> Extremes =>
        new()
        {
            { 0, 0 },
            { 0, double.Epsilon },
            { double.MinValue, double.MaxValue },
            { 1e-30, 2e-30 },
            { 1e28, 1e30 },
            { 1e16, 1e16 + 2 },
            { double.NaN, double.NaN },
            { double.NegativeInfinity, double.PositiveInfinity },
            { -1e-300, 1e300 },
            { 5, 5 },
        };

    [Theory]
    [MemberData(nameof(Extremes))]
    public void Maps_lines_and_axes_of_any_range_can_be_sent_and_are_drawn_in_an_end(double low, double high)
    {
        foreach (var (logarithmic, given) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            var map = new HeatMap(
                [0.0, 1.0],
                [0.0, 1.0],
                [
                    [low, high],
                    [high, low],
                ],
                "loss"
            )
            {
                Smooth = true,
                Range = given ? (low, high) : null,
            };
            var line = new Line("line", new double[] { low, high }, new double[] { low, high }, "#000000");
            foreach (
                var chart in new[]
                {
                    new Chart("map", "Map", "x", "y", []) { Map = map },
                    new Chart("line", "Line", "x", "y", [line])
                    {
                        Across = (low, high),
                        Range = (low, high),
                        LogarithmicX = logarithmic,
                        Shades = [new Shade(low, high, "", "#000000")],
                    },
                }
            )
            {
                var layout = PlotlyDrawing.Layout(chart, Window.All, logarithmic);
                object?[] axes =
                [
                    layout.XAxis[0].Range,
                    layout.YAxis[0].Range,
                    .. layout.Shapes.SelectMany(shape => new[] { shape.X0, shape.X1 }),
                ];
                var drawn = PlotlyDrawing
                    .Traces(chart, Window.All, logarithmic)
                    .Concat(axes)
                    .Select(part => JsonSerializer.SerializeToElement(part));
                foreach (var number in drawn.SelectMany(Numbers))
                    Assert.True(number.TryGetDecimal(out _), number.ToString());
            }
            var contours = Assert.IsType<Plotly.Blazor.Traces.Contour>(LevelDrawing.Trace(map, logarithmic));
            Assert.True(contours.Contours.Size > 0); // the charts count from start to end in steps of it
            Assert.InRange(
                (double)((contours.Contours.End - contours.Contours.Start) / contours.Contours.Size)!,
                1,
                20
            );
        }
    }

    private static IEnumerable<JsonElement> Numbers(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Number => [element],
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Numbers),
            JsonValueKind.Object => element.EnumerateObject().SelectMany(pair => Numbers(pair.Value)),
            _ => [],
        };
}
