using System.Text.Json;
using Gyre.Dashboard.Charts;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>What a reader chose in a chart, from the words of the browser.</summary>
public class ChosenStretchTests
{
    [Theory]
    [InlineData("""{"xaxis.range[0]":2.5,"xaxis.range[1]":7}""", 2.5, 7.0)]
    // a frame pulled to the edge of a chart that begins at 0
    [InlineData("""{"xaxis.range[0]":0,"xaxis.range[1]":7}""", 0.0, 7.0)]
    [InlineData("""{"xaxis.range[0]":-3,"xaxis.range[1]":0}""", -3.0, 0.0)]
    [InlineData("""{"xaxis.range":[0,1e-3]}""", 0.0, 1e-3)]
    [InlineData("""{"xaxis.range[0]":"2","xaxis.range[1]":"1e3"}""", 2.0, 1000.0)]
    [InlineData("""{"xaxis.autorange":true,"yaxis.autorange":true}""", null, null)]
    public void A_frame_or_a_double_click_is_a_stretch(string changed, double? from, double? to) =>
        Assert.Equal(new Window(from, to), ChosenStretch.TryParse(JsonDocument.Parse(changed).RootElement));

    [Theory]
    [InlineData("""{"autosize":true}""")]
    [InlineData("""{"xaxis.range[0]":2.5}""")]
    [InlineData("""{"xaxis.autorange":false}""")]
    [InlineData("""{"xaxis.range":[1,2,3]}""")]
    [InlineData("""{"xaxis.range":["a","b"]}""")]
    [InlineData("null")]
    public void Anything_else_is_none(string changed) =>
        Assert.Null(ChosenStretch.TryParse(JsonDocument.Parse(changed).RootElement));

    [Theory]
    [InlineData("""{"range":[-200,20200]}""", null, null, false)] // as it was laid
    [InlineData("""{"range":[-200.000000001,20200]}""", null, null, false)] // but for the last digit
    [InlineData("""{"range":[-100,20200],"autorange":false}""", null, null, false)] // as it was laid before
    [InlineData("""{"range":[12000.2,12999.7]}""", 12000.2, 12999.7, true)]
    [InlineData("""{"range":[-200,20100]}""", -200.0, 20100.0, true)]
    [InlineData("""{"range":[-10,20000],"autorange":true}""", null, null, true)] // a double click shows all
    [InlineData("null", null, null, false)]
    [InlineData("{}", null, null, false)]
    public void An_axis_that_lies_as_no_drawing_laid_it_was_moved_by_the_reader(
        string axis,
        double? from,
        double? to,
        bool moved
    ) =>
        Assert.Equal(
            moved ? new Window(from, to) : null,
            ChosenStretch.TryParse(
                JsonDocument.Parse(axis).RootElement,
                [new Window(-100, 20200), new Window(-200, 20200)]
            )
        );

    [Fact]
    public void Where_the_chart_chooses_its_ends_itself_only_a_frame_is_the_readers()
    {
        Assert.Null(
            ChosenStretch.TryParse(
                JsonDocument.Parse("""{"range":[-10,20000],"autorange":true}""").RootElement,
                [Window.All]
            )
        );
        Assert.Equal(
            new Window(1, 2),
            ChosenStretch.TryParse(
                JsonDocument.Parse("""{"range":[1,2],"autorange":false}""").RootElement,
                [Window.All]
            )
        );
    }
}
