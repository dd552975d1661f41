using Bunit;
using Gyre.Dashboard.Pages;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>The page of a sweep.</summary>
public class SweepPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_finished_sweep_is_shown_with_charts_map_branches_verdicts_and_tables()
    {
        using var context = new PageContext(place => SyntheticSweep.Usual.Write(place["sweeps/a"]));
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        Assert.StartsWith("synthetic", page.Find("h1").TextContent, StringComparison.Ordinal);
        Assert.Equal("finished", page.Find("h1 .badge").TextContent);
        Assert.Contains("12 of 12 cells finished", page.Find(".lead").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["chart-accuracy", "chart-sharpness", "chart-rotation", "chart-measure", "chart-map", "chart-branches"],
            page.FindAll("figure.chart").Select(chart => chart.Id)
        );
        Assert.Equal("gyre sweep rates --set sweep.seeds=3 --set threads=1", page.Find("code.command").TextContent);
        page.WaitForAssertion(() => Assert.Contains("C4b", page.Markup, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "cumulative rotation",
                    page.Find("section[aria-labelledby=correlations] tbody").TextContent,
                    StringComparison.Ordinal
                ),
            Patience
        );
        Assert.Equal(4, page.FindAll("article.verdict").Count);
        Assert.All(
            page.FindAll("article.verdict .badge"),
            badge => Assert.Contains(badge.TextContent, (string[])["supported", "not supported", "inconclusive"])
        );
        Assert.Equal(4, page.FindAll("section[aria-labelledby=groups] tbody tr").Count);
        Assert.Empty(page.FindAll(".flaws"));
    }

    [Fact]
    public void Every_run_is_a_link_in_the_table_and_in_the_list_where_forks_hang_below_their_parents()
    {
        using var context = new PageContext(place => SyntheticSweep.Usual.Write(place["sweeps/a"]));
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        string[] runs =
        [
            .. SyntheticSweep
                .Usual.Plan()
                .Cells.Select(cell => $"run/sweeps/a/cells/{cell.Folder}")
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(
            runs,
            page.FindAll("section[aria-labelledby=rate-seed] td a")
                .Select(link => link.GetAttribute("href")!)
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            runs,
            page.FindAll(".tree li > a").Select(link => link.GetAttribute("href")!).Order(StringComparer.Ordinal)
        );
        var fork = page.Find(".tree li li a");
        Assert.EndsWith("-fork", fork.GetAttribute("href"), StringComparison.Ordinal);
        Assert.Equal(
            fork.GetAttribute("href"),
            fork.ParentElement!.ParentElement!.ParentElement!.QuerySelector("a")!.GetAttribute("href") + "-fork"
        );
    }

    [Fact]
    public void An_unfinished_sweep_says_what_is_done_and_goes_on_by_itself()
    {
        var sweep = SyntheticSweep.Usual with { Done = 0.25 };
        using var context = new PageContext(place => sweep.Write(place["sweeps/a"]));
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        Assert.Contains("3 of 12 cells finished · 9 open", page.Find(".lead").TextContent, StringComparison.Ordinal);
        Assert.Equal("3", page.Find("progress").GetAttribute("value"));
        Assert.Contains("The command that resumes it", page.Markup, StringComparison.Ordinal);
        var next = sweep.Plan().Cells[3];
        SyntheticFolder.Write(
            context.Folder[$"sweeps/a/cells/{next.Folder}"],
            SyntheticRun.Usual(40) with
            {
                Summary = null,
            }
        );
        page.WaitForAssertion(
            () => Assert.Contains("1 running · 8 open", page.Find(".lead").TextContent, StringComparison.Ordinal),
            Patience
        );
        Assert.Equal("running", page.Find("h1 .badge").TextContent);
        File.WriteAllText(
            context.Folder[$"sweeps/a/cells/{next.Folder}/summary.json"],
            RunJson.Pretty(SyntheticRun.Summary())
        );
        page.WaitForAssertion(
            () => Assert.Contains("4 of 12 cells finished", page.Find(".lead").TextContent, StringComparison.Ordinal),
            Patience
        );
    }

    [Fact]
    public void A_sweep_of_which_nothing_is_begun_is_a_plan()
    {
        using var context = new PageContext(place => (SyntheticSweep.Usual with { Done = 0 }).Write(place["sweeps/a"]));
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        Assert.Contains("0 of 12 cells finished · 12 open", page.Find(".lead").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("section[aria-labelledby=verdicts]"));
        Assert.Equal(12, page.FindAll(".tree li").Count);
    }

    [Fact]
    public void What_cannot_be_shown_is_said_and_failures_have_their_last_words()
    {
        using var context = new PageContext(place =>
        {
            (SyntheticSweep.Usual with { Done = 0.5 }).Write(place["sweeps/a"]);
            var cells = SyntheticSweep.Usual.Plan().Cells;
            File.WriteAllText(place[$"sweeps/a/cells/{cells[0].Folder}/summary.json"], "{");
            SyntheticFolder.Lines(
                place["sweeps/a/log.jsonl"],
                [new SweepLogRecord(DateTimeOffset.UnixEpoch, "failed", cells[^1].Folder, "ended with <134>")]
            );
        });
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        Assert.Contains("summary.json is not a summary", page.Find(".flaws").TextContent, StringComparison.Ordinal);
        Assert.Contains("1 cell failed", page.Find(".failures summary").TextContent, StringComparison.Ordinal);
        Assert.Contains("ended with <134>", page.Find(".failures li").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("#chart-accuracy"));
    }

    [Fact]
    public void Of_a_newer_plan_the_version_is_said_and_the_runs_are_links()
    {
        using var context = new PageContext(place =>
        {
            SyntheticSweep.Usual.Write(place["sweeps/a"]);
            File.WriteAllText(place["sweeps/a/plan.json"], "{\"format\":2}");
        });
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        Assert.Contains("sweeps/a has format 2", page.Find(".flaws").TextContent, StringComparison.Ordinal);
        Assert.Equal(12, page.FindAll("tbody th a").Count);
        Assert.Empty(page.FindAll("figure.chart"));
    }

    [Fact]
    public void An_address_of_nothing_says_so()
    {
        using var context = new PageContext(_ => { });
        Assert.Contains(
            "There is no sweep “sweeps/<b>a” here",
            context.Open<SweepPage>("sweep/sweeps/%3Cb%3Ea").Find("h1").TextContent,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Names_from_files_are_text()
    {
        const string Markup = "<img src=x onerror=alert(1)>";
        using var context = new PageContext(place =>
        {
            var plan = SyntheticSweep.Usual.Write(place["sweeps/a"]).Plan;
            File.WriteAllText(
                place["sweeps/a/plan.json"],
                RunJson.Pretty(
                    plan with
                    {
                        Name = Markup,
                        CommandLine = $"gyre {Markup}",
                        Cells = [.. plan.Cells.Select(cell => cell with { Group = $"{Markup}{cell.Group}" })],
                    }
                )
            );
            SyntheticFolder.Lines(
                place["sweeps/a/log.jsonl"],
                [new SweepLogRecord(DateTimeOffset.UnixEpoch, Markup, Markup, Markup)]
            );
        });
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("article.verdict")), Patience);
        Assert.Empty(page.FindAll("img"));
        Assert.StartsWith(Markup, page.Find("h1").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_chosen_stands_in_the_address_and_is_kept()
    {
        using var context = new PageContext(place => SyntheticSweep.Usual.Write(place["sweeps/a"]));
        var page = context.Open<SweepPage>("sweep/sweeps/a?map=flip&from=0.05&to=0.2");
        Assert.Equal(
            "sweep/sweeps/a?map=flip&axis=edge",
            page.FindAll("a.choice")
                .Single(link => link.TextContent.StartsWith("edge units", StringComparison.Ordinal))
                .GetAttribute("href")
        );
        Assert.Equal(
            "data/sweep/sweeps/a?map=flip&from=0.05&to=0.2&chart=map",
            page.FindAll("#chart-map .tools a").Single().GetAttribute("href")
        );
        Assert.Contains("flip", page.Find("#chart-map h3").TextContent, StringComparison.Ordinal);
        page.FindAll("select")
            .Single(select => select.ParentElement!.TextContent.StartsWith("further chart", StringComparison.Ordinal))
            .Change("drift");
        Assert.Equal("sweep/sweeps/a?map=flip&from=0.05&to=0.2&measure=drift", context.Address);
        Assert.Equal(
            "?of=sweeps%2Fa",
            page.FindAll("a").Single(link => link.TextContent == "Its runs as a table").GetAttribute("href")
        );
    }

    [Fact]
    public void Its_page_can_be_read_without_seeing_it()
    {
        using var context = new PageContext(place => SyntheticSweep.Usual.Write(place["sweeps/a"]));
        var page = context.Open<SweepPage>("sweep/sweeps/a");
        Assert.All(
            page.FindAll("section[aria-labelledby]"),
            section => Assert.NotNull(page.Find($"#{section.GetAttribute("aria-labelledby")}"))
        );
        Assert.Contains(
            "table below",
            page.Find("#chart-map [role=img]").GetAttribute("aria-label"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "3 of those drawn are forks",
            page.Find("#chart-branches [role=img]").GetAttribute("aria-label"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["learning rate", "seed 0", "seed 1", "seed 2"],
            page.FindAll("section[aria-labelledby=rate-seed] thead th").Select(head => head.TextContent)
        );
        Assert.Equal("Cells finished", page.Find("progress").GetAttribute("aria-label"));
    }
}
