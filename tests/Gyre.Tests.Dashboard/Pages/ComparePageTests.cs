using Bunit;
using Gyre.Dashboard.Pages;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>Runs over each other.</summary>
public class ComparePageTests
{
    [Fact]
    public void The_runs_of_the_address_are_compared_by_its_quantities()
    {
        using var context = new PageContext(Three);
        var page = context.Open<ComparePage>("compare?run=runs/a&run=runs/b&key=sharpness&key=flip");
        Assert.Equal(["chart-sharpness", "chart-flip"], page.FindAll("figure.chart").Select(chart => chart.Id));
        Assert.Equal(["alpha", "beta"], page.FindAll("#chart-flip details tbody th").Select(name => name.TextContent));
        Assert.Equal(
            ["alpha", "beta"],
            page.FindAll("table.numbers")[0].QuerySelectorAll("tbody th").Select(name => name.TextContent.Trim())
        );
    }

    [Fact]
    public void Keys_that_are_set_differently_are_listed()
    {
        using var context = new PageContext(Three);
        var rows = context
            .Open<ComparePage>("compare?run=runs/a&run=runs/b")
            .FindAll("table.numbers")[1]
            .QuerySelectorAll("tbody tr")
            .Select(row => row.TextContent.Trim())
            .ToArray();
        Assert.Equal(["name\"alpha\"\"beta\"", "training.learning_rate0.50.25"], rows);
    }

    [Fact]
    public void Runs_of_one_name_are_told_apart_by_their_folders()
    {
        using var context = new PageContext(Three);
        var names = context
            .Open<ComparePage>("compare?run=runs/a&run=runs/again&run=runs/b")
            .FindAll("#chart-loss details tbody th")
            .Select(name => name.TextContent);
        Assert.Equal(["a", "again", "beta"], names);
    }

    [Fact]
    public void Runs_are_added_and_left_out_and_the_address_says_so()
    {
        using var context = new PageContext(Three);
        var page = context.Open<ComparePage>("compare?run=runs/a");
        page.Find("form input").Input("beta");
        page.Find("form").Submit();
        Assert.Equal("compare?run=runs%2Fa&run=runs%2Fb", context.Address);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("#chart-loss details tbody th").Count));
        page.Find("button[aria-label='remove alpha']").Click();
        Assert.Equal("compare?run=runs%2Fb", context.Address);
        page.Find("form input").Input("nobody");
        page.Find("form").Submit();
        Assert.Contains("There is no run “nobody” here", page.Find(".flaws").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_named_and_the_rest_is_compared()
    {
        using var context = new PageContext(Three);
        var page = context.Open<ComparePage>("compare?run=runs/a&run=runs/none&run=../b");
        Assert.Equal(2, page.FindAll(".flaws li").Count);
        Assert.Single(page.FindAll("#chart-loss details tbody tr"));
    }

    private static void Three(TemporaryFolder place)
    {
        SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(60), "name=alpha");
        SyntheticFolder.Write(place["runs/again"], SyntheticRun.Usual(60), "name=alpha");
        SyntheticFolder.Write(place["runs/b"], SyntheticRun.Usual(90), "name=beta", "training.learning_rate=0.25");
    }
}
