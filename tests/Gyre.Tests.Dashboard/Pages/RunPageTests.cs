using Bunit;
using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Pages;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Statistics;
using Gyre.Tests.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>The page of a run.</summary>
public class RunPageTests
{
    [Fact]
    public void A_finished_run_is_shown_with_charts_instabilities_and_what_came_of_it()
    {
        using var context = new PageContext(place =>
            SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(), "name=alpha", "training.steps=500")
        );
        var page = context.Open<RunPage>("run/runs/a");
        Assert.StartsWith("alpha", page.Find("h1").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            [
                "chart-loss",
                "chart-accuracy",
                "chart-sharpness",
                "chart-eigenvalues",
                "chart-rotation",
                "chart-alignment",
                "chart-products",
                "chart-time",
                "chart-rate",
            ],
            page.FindAll("figure.chart").Select(chart => chart.Id)
        );
        Assert.Equal(3, page.FindAll("table.numbers tbody tr").Count);
        Assert.Contains("edge of stability", page.Markup, StringComparison.Ordinal);
        Assert.Contains("learning_rate = 0.5", page.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".flaws"));
    }

    [Fact]
    public void A_run_without_a_line_waits_for_one_and_then_goes_on()
    {
        var data = SyntheticRun.Usual(100);
        using var context = new PageContext(place =>
            SyntheticFolder.Write(place["runs/a"], data with { Steps = [], Curvature = [], Summary = null })
        );
        var page = context.Open<RunPage>("run/runs/a");
        Assert.Contains("No step is written yet", page.Markup, StringComparison.Ordinal);
        SyntheticFolder.Lines(context.Folder["runs/a/steps.jsonl"], data.Steps);
        page.WaitForAssertion(
            () => Assert.Contains("step 100", page.Find(".lead").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10)
        );
        Assert.NotEmpty(page.FindAll("figure.chart"));
    }

    [Fact]
    public void Where_eigenvectors_were_kept_their_overlaps_come_as_a_map()
    {
        double[] degrees = [0, 30, 60, 90];
        using var context = new PageContext(place =>
        {
            var folder = SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(50));
            for (var i = 0; i < degrees.Length; i++)
                SyntheticFolder.Vectors(
                    folder,
                    10 * i,
                    [
                        [(float)Math.Cos(degrees[i] * Math.PI / 180), (float)Math.Sin(degrees[i] * Math.PI / 180), 0],
                    ]
                );
        });
        var page = context.Open<RunPage>("run/runs/a");
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("#chart-overlap")), TimeSpan.FromSeconds(10));
        var library = context.Services.GetRequiredService<RunLibrary>();
        var map = ViewCatalog
            .Charts(library, ViewAddress.Parse("run/runs/a?chart=overlap"))!
            .Single(chart => chart.Id == "overlap")
            .Map!;
        Assert.Equal([0.0, 10.0, 20.0, 30.0], map.X);
        for (var i = 0; i < degrees.Length; i++)
        {
            for (var j = 0; j < degrees.Length; j++)
                Assert.Equal(Math.Pow(Math.Cos((degrees[i] - degrees[j]) * Math.PI / 180), 2), map.Z[i][j], 6);
        }
    }

    [Fact]
    public void Vectors_that_cannot_be_read_cost_the_map_alone()
    {
        using var context = new PageContext(place =>
        {
            var folder = SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(50));
            SyntheticFolder.Vectors(
                folder,
                0,
                [
                    [1, 0],
                ]
            );
            SyntheticFolder.Vectors(
                folder,
                10,
                [
                    [1, 0],
                ]
            );
            File.WriteAllText(Path.Combine(folder.Eigenvectors, "step-000010.safetensors"), "damaged");
        });
        var page = context.Open<RunPage>("run/runs/a");
        page.WaitForAssertion(
            () => Assert.Contains("The overlap map cannot be drawn", page.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10)
        );
        Assert.NotEmpty(page.FindAll("#chart-loss"));
    }

    [Fact]
    public void An_address_of_nothing_says_so()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<RunPage>("run/runs/%3Cb%3Ea");
        Assert.Contains("There is no run “runs/<b>a” here", page.Find("h1").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_shown_is_said()
    {
        using var context = new PageContext(place =>
        {
            var folder = SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(50));
            File.WriteAllText(folder.Spec, "format = 99\nsome = \"day\"\n");
            File.AppendAllText(folder.Steps, "half a line\n{\"step\": 5");
        });
        var page = context.Open<RunPage>("run/runs/a");
        var said = page.Find(".flaws").TextContent;
        Assert.Contains("spec.toml", said, StringComparison.Ordinal);
        Assert.Contains("steps.jsonl: line ", said, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("figure.chart"));
    }

    [Fact]
    public void Training_time_and_scales_are_chosen_by_links_that_keep_the_rest_of_the_address()
    {
        using var context = new PageContext(place => SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(50)));
        var page = context.Open<RunPage>("run/runs/a?scale=sharpness&from=10&to=20");
        Assert.Equal(
            "run/runs/a?scale=sharpness&axis=time&from=2&to=4",
            page.FindAll("a.choice")
                .Single(link => link.TextContent.StartsWith("training time", StringComparison.Ordinal))
                .GetAttribute("href")
        );
        Assert.Equal("run/runs/a?from=10&to=20", page.Find("#chart-sharpness .tools a").GetAttribute("href"));
        Assert.Equal(
            "data/run/runs/a?scale=sharpness&from=10&to=20&chart=sharpness",
            page.FindAll("#chart-sharpness .tools a")[1].GetAttribute("href")
        );
        page.Find("form input[name=from]").Change("30");
        page.Find("form input[name=to]").Change("40");
        context.Go("run/runs/a?scale=sharpness&from=10&to=20"); // the same address again takes nothing of what is typed
        page.WaitForState(() => page.RenderCount > 3, TimeSpan.FromSeconds(10));
        page.Find("form").Submit();
        Assert.Equal("run/runs/a?scale=sharpness&from=30&to=40", context.Address);
    }

    [Theory]
    [InlineData("from=40&to=10", "")]
    [InlineData("from=abc&to=10", "“abc” is not a number: from is ignored.")]
    [InlineData("from=500&to=600", "The range is outside this run, which has 0 to 50.")]
    [InlineData("from=10", "")]
    public void A_stretch_that_cannot_be_shown_is_said(string query, string sentence)
    {
        using var context = new PageContext(place => SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(50)));
        var page = context.Open<RunPage>($"run/runs/a?{query}");
        Assert.Equal(sentence, string.Concat(page.FindAll(".flaws li").Select(item => item.TextContent)));
    }

    [Fact]
    public void The_other_axis_shows_the_same_stretch()
    {
        var data = SyntheticRun.Usual(50); // eta 0.2, from half way on 0.15
        using var context = new PageContext(place => SyntheticFolder.Write(place["runs/a"], data));
        var page = context.Open<RunPage>("run/runs/a?from=10&to=20");
        Assert.Equal(
            "run/runs/a?axis=time&from=2&to=4",
            page.FindAll("a.choice")
                .Single(link => link.TextContent.StartsWith("training time", StringComparison.Ordinal))
                .GetAttribute("href")
        );
        context.Go("run/runs/a?axis=time&from=2&to=4");
        page.WaitForAssertion(() =>
            Assert.Equal(
                "run/runs/a?from=10&to=20",
                page.FindAll("a.choice").Single(link => link.TextContent == "steps").GetAttribute("href")
            )
        );
    }

    [Fact]
    public void Every_chart_can_be_read_without_seeing_it()
    {
        using var context = new PageContext(place => SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(50)));
        var page = context.Open<RunPage>("run/runs/a");
        foreach (var chart in page.FindAll("figure.chart"))
        {
            Assert.NotNull(page.Find($"#{chart.GetAttribute("aria-labelledby")}"));
            Assert.Contains(
                "last",
                chart.QuerySelector("[role=img]")!.GetAttribute("aria-label"),
                StringComparison.Ordinal
            );
            Assert.NotEmpty(chart.QuerySelectorAll("details tbody tr"));
            Assert.All(
                chart.QuerySelectorAll(".tools a, .tools button"),
                tool => Assert.NotEqual("", tool.GetAttribute("aria-label") ?? "")
            );
        }
        var loss = SyntheticRun.Usual(50).Steps[^1].Loss;
        Assert.Equal(NumberText.Format(loss, 4), page.Find("#chart-loss details tbody td").TextContent);
    }
}
