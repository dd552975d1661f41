using Bunit;
using Gyre.Dashboard.Pages;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>The table of runs.</summary>
public class RunsPageTests
{
    [Fact]
    public void An_empty_folder_says_how_runs_come_into_it()
    {
        using var context = new PageContext(_ => { });
        Assert.Contains("gyre run", context.Open<RunsPage>("").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_gone_is_not_said_to_have_no_run_yet()
    {
        using var context = new PageContext(_ => { });
        Directory.Delete(context.Folder.Path);
        var page = context.Open<RunsPage>("").Markup;
        Directory.CreateDirectory(context.Folder.Path);
        Assert.Contains("no longer exists", page, StringComparison.Ordinal);
        Assert.DoesNotContain("There is no run in", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_says_what_the_summary_says()
    {
        using var context = new PageContext(place =>
            SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(), "name=alpha", "training.steps=500")
        );
        var cells = context
            .Open<RunsPage>("")
            .FindAll("tbody td, tbody th")
            .Select(cell => cell.TextContent.Trim())
            .ToArray();
        Assert.Equal(
            [
                "",
                "alpha",
                "edge of stability",
                "0.232",
                "0.5",
                "100 %",
                "80.9",
                "80.71",
                "32.4",
                "7.24",
                "0.221",
                "—",
                "now",
            ],
            cells
        );
    }

    [Fact]
    public void A_run_that_goes_shows_how_far_it_is()
    {
        using var context = new PageContext(place =>
            SyntheticFolder.Write(
                place["runs/a"],
                SyntheticRun.Usual(200) with
                {
                    Summary = null,
                },
                "training.steps=800"
            )
        );
        var row = context.Open<RunsPage>("").Find("tbody tr");
        Assert.Contains("running", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("25 %", row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_run_has_a_row_that_says_so()
    {
        using var context = new PageContext(place =>
        {
            SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual());
            Directory.CreateDirectory(place["runs/torn"]);
            File.WriteAllText(place["runs/torn/spec.toml"], "format = 1\nname = [");
        });
        var rows = context.Open<RunsPage>("").FindAll("tbody tr");
        Assert.Equal(2, rows.Count);
        Assert.Contains(
            rows,
            row =>
                row.TextContent.Contains("unreadable", StringComparison.Ordinal)
                && row.GetAttribute("title")!.Length > 0
        );
    }

    [Theory]
    [InlineData("sort=name", "alpha,beta,delta,gamma")]
    [InlineData("sort=name&order=down", "gamma,delta,beta,alpha")]
    [InlineData("sort=final&order=down", "gamma,beta,alpha,delta")]
    [InlineData("sort=final&order=up", "alpha,beta,gamma,delta")] // what lacks the number comes last either way
    [InlineData("sort=name&q=ETA", "beta")]
    [InlineData("sort=name&q=a%20stab", "alpha,gamma")]
    [InlineData("sort=name&q=paper", "alpha,gamma")]
    [InlineData("sort=name&tag=paper", "alpha,gamma")]
    [InlineData("sort=name&outcome=diverged", "beta")]
    [InlineData("sort=name&q=nothing", "")]
    [InlineData("sort=nonsense", "*")]
    public void The_address_decides_which_rows_are_shown_and_in_which_order(string query, string expected)
    {
        using var context = new PageContext(Four);
        var names = string.Join(
            ',',
            context.Open<RunsPage>($"?{query}").FindAll("tbody th a:not(.tag)").Select(link => link.TextContent)
        );
        Assert.Equal(
            expected == "*" ? 4 : expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Length,
            names.Split(',', StringSplitOptions.RemoveEmptyEntries).Length
        );
        if (expected != "*")
            Assert.Equal(expected, names);
    }

    [Fact]
    public void Cells_of_sweeps_stay_out_of_the_table_until_they_are_asked_for()
    {
        using var context = new PageContext(place =>
        {
            SyntheticFolder.Write(place["runs/a"], SyntheticRun.Usual(), "name=alpha");
            SyntheticSweep.Usual.Write(place["sweeps/rates"]);
        });
        var cells = SyntheticSweep.Usual.Plan().Cells.Length;
        var outside = context.Open<RunsPage>("?q=cell");
        Assert.Empty(outside.FindAll("tbody tr"));
        Assert.Contains(
            $"{cells} more match elsewhere",
            outside.Find("[role=status]").TextContent,
            StringComparison.Ordinal
        );
        Assert.Equal("?q=cell&of=%2A", outside.Find("[role=status] a").GetAttribute("href"));
        Assert.Single(context.Open<RunsPage>("").FindAll("tbody tr"));
        Assert.Equal(cells, context.Open<RunsPage>("?of=sweeps%2Frates").FindAll("tbody tr").Count);
        var all = context.Open<RunsPage>("?of=*");
        Assert.Equal(cells + 1, all.FindAll("tbody tr").Count);
        Assert.Contains("sweep/sweeps/rates", all.Find(".card").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_rows_come_a_hundred_at_a_time()
    {
        using var context = new PageContext(place =>
        {
            for (var i = 0; i < 120; i++)
                SyntheticFolder.Write(place[$"runs/run-{i}"], SyntheticRun.Usual(3), $"name=run-{i:000}");
        });
        var page = context.Open<RunsPage>("?sort=name");
        Assert.Equal(100, page.FindAll("tbody tr").Count);
        context.Go("?sort=name&page=2");
        page.WaitForAssertion(() => Assert.Equal(20, page.FindAll("tbody tr").Count));
        Assert.Equal("run-100", page.Find("tbody th a").TextContent);
    }

    [Fact]
    public void Runs_of_one_name_are_told_apart_by_their_folders()
    {
        using var context = new PageContext(place =>
        {
            SyntheticFolder.Write(place["runs/quick-01"], SyntheticRun.Usual(5));
            SyntheticFolder.Write(place["runs/quick-02"], SyntheticRun.Usual(5));
            SyntheticFolder.Write(place["runs/other-03"], SyntheticRun.Usual(5), "name=other");
        });
        Assert.Equal(
            ["other", "quick-01", "quick-02"],
            context.Open<RunsPage>("?sort=name").FindAll("tbody th a").Select(link => link.TextContent)
        );
    }

    [Fact]
    public void Chosen_rows_lead_to_their_comparison()
    {
        using var context = new PageContext(Four);
        var page = context.Open<RunsPage>("?sort=name");
        page.Find("input[aria-label='choose gamma']").Change(true);
        page.Find("input[aria-label='choose alpha']").Change(true);
        Assert.Equal(
            "compare?run=runs%2Fa&run=runs%2Fc",
            page.FindAll("a.choice")
                .Single(link => link.TextContent.StartsWith("compare", StringComparison.Ordinal))
                .GetAttribute("href")
        );
    }

    private static void Four(TemporaryFolder place)
    {
        var data = SyntheticRun.Usual(20);
        SyntheticFolder.Write(
            place["runs/a"],
            data with
            {
                Summary = data.Summary! with { FinalTestAccuracy = 0.5, Outcome = "stable" },
            },
            "name=alpha",
            "run.tags=paper"
        );
        SyntheticFolder.Write(
            place["runs/b"],
            data with
            {
                Summary = data.Summary! with { FinalTestAccuracy = 0.6, Outcome = "diverged" },
            },
            "name=beta",
            "run.tags=other, one"
        );
        SyntheticFolder.Write(
            place["runs/c"],
            data with
            {
                Summary = data.Summary! with { FinalTestAccuracy = 0.7, Outcome = "edge_of_stability" },
            },
            "name=gamma",
            "run.tags=paper,x"
        );
        SyntheticFolder.Write(
            place["runs/d"],
            data with
            {
                Summary = null,
                Steps = [.. data.Steps.Take(1).Select(step => step with { TestAccuracy = null })],
            },
            "name=delta"
        );
    }
}
