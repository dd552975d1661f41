using Gyre.Dashboard.Charts;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>
/// The address of the page of two parameters holds all of it, and whatever it holds is shown or said.
/// </summary>
public class TheoryStateTests
{
    [Fact]
    public void An_address_without_anything_shows_the_usual_start()
    {
        var (state, flaws) = TheoryState.Parse(ViewAddress.Parse("theory"));
        Assert.Equal(TheoryState.Default, state);
        Assert.Empty(flaws);
    }

    [Fact]
    public void What_is_written_into_an_address_is_read_from_it_and_the_rest_of_it_stays()
    {
        var state = new TheoryState(-1.25, 0.003, 0.1875, 40, 300, TheoryState.Path);
        var address = state.AddTo(ViewAddress.Parse("theory?scale=loss&x=2"));
        Assert.Equal("theory?scale=loss&x=-1.25&y=0.003&eta=0.1875&step=40&steps=300&view=path", address.ToString());
        Assert.Equal(state, TheoryState.Parse(address).State);
    }

    [Theory]
    [InlineData("x=9", "x", 4)]
    [InlineData("x=-1e300", "x", -4)]
    [InlineData("y=nonsense", "y", 0.3)]
    [InlineData("y=NaN", "y", 0.3)]
    [InlineData("y=Infinity", "y", 0.3)]
    [InlineData("y=0,3", "y", 0.3)]
    [InlineData("eta=0", "eta", 0.001)]
    [InlineData("eta=-2", "eta", 0.001)]
    [InlineData("eta=7", "eta", 4)]
    [InlineData("step=-1", "step", 0)]
    [InlineData("step=500&steps=50", "step", 50)]
    [InlineData("step=2.5", "step", 2)]
    [InlineData("steps=0", "steps", 1)]
    [InlineData("steps=1000000000000", "steps", 2000)]
    [InlineData("view=<b>", "view", 0)]
    public void What_cannot_be_shown_is_said_and_the_nearest_is_shown(string query, string name, double expected)
    {
        var (state, flaws) = TheoryState.Parse(ViewAddress.Parse($"theory?{query}"));
        Assert.Equal(
            expected,
            name switch
            {
                "x" => state.X,
                "y" => state.Y,
                "eta" => state.Eta,
                "step" => state.Step,
                "steps" => state.Steps,
                _ => state.View == TheoryState.Quadrant ? 0 : 1,
            }
        );
        Assert.Contains(name, Assert.Single(flaws), StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_steps_than_the_usual_step_are_no_mistake()
    {
        var (state, flaws) = TheoryState.Parse(ViewAddress.Parse("theory?steps=5"));
        Assert.Equal(5, state.Step);
        Assert.Empty(flaws);
    }

    [Fact]
    public void A_start_that_is_dragged_out_stays_at_the_edge()
    {
        var state = TheoryState.Default.From(17, -4.00001).At(-3);
        Assert.Equal((4, -4, TheoryState.SmallestEta), (state.X, state.Y, state.Eta));
    }
}
