using System.Text.Json;
using Gyre.Dashboard.Charts;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>The charts' package makes decimals of numbers and ends the page where one does not fit: none is sent that does not.</summary>
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
        var sent = JsonSerializer.SerializeToElement(PlotlyDrawing.Boxed(value));
        if (sent.ValueKind == JsonValueKind.Null)
            Assert.False(Math.Abs(value) < 1e150);
        else
            Assert.Equal(value, sent.ValueKind == JsonValueKind.Number ? (double)sent.GetDecimal() : double.Parse(sent.GetString()!, System.Globalization.CultureInfo.InvariantCulture), Math.Abs(value) * 1e-6);
    }

    [Fact]
    public void A_descent_that_diverges_can_be_sent_whole()
    {
        var study = TheoryStudy.Of(TheoryState.Default with { X = 4, Y = 3.774, Eta = 0.3 });
        Assert.True(study.Points.Max(point => point.Sharpness) > 1e100);
        foreach (var trace in TheoryCharts.Of(study).SelectMany(chart => PlotlyDrawing.Traces(chart, Window.All, chart.Logarithmic)))
        {
            foreach (var number in Numbers(JsonSerializer.SerializeToElement<object>(trace)))
                Assert.True(number.TryGetDecimal(out _), number.ToString());
        }
    }

    private static IEnumerable<JsonElement> Numbers(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => [element],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Numbers),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(pair => Numbers(pair.Value)),
        _ => [],
    };
}
