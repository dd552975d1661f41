using Bunit;
using Gyre.Dashboard.Pages;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>The page of a landscape.</summary>
public class LandscapePageTests
{
    [Fact]
    public void A_finished_landscape_shows_its_charts_and_what_was_found()
    {
        using var context = new PageContext(place =>
            SyntheticLandscape.Write(place["landscape/a"], record: SyntheticLandscape.Record)
        );
        var page = context.Open<LandscapePage>("landscape/landscape/a");
        Assert.Equal(
            ["line-v1", "plane-v1-v2", "plane-v1-v2-distance", "plane-v1-v2-loss"],
            page.FindAll("figure").Select(figure => figure.Id!["chart-".Length..])
        );
        Assert.Equal("finished", page.Find("h1 .badge").TextContent);
        var facts = page.Find(".facts").TextContent;
        foreach (
            var fact in new[]
            {
                "6 ± 1e−6",
                "unresolved",
                "equal bit for bit",
                "75.0 % and 25.0 %",
                "7 parameters",
                "12 samples",
                "threshold 8",
            }
        )
            Assert.Contains(fact, facts, StringComparison.Ordinal);
        Assert.Contains("a remark with &lt;b&gt;tags&lt;/b&gt;", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("progress"));
        Assert.Empty(page.FindAll(".flaws"));
    }

    [Fact]
    public void An_unfinished_one_says_how_far_it_is_and_goes_on_by_itself()
    {
        LandscapeFolder? folder = null;
        using var context = new PageContext(place => folder = SyntheticLandscape.Write(place["landscape/a"], 7));
        var page = context.Open<LandscapePage>("landscape/landscape/a");
        Assert.Contains("7 of 17 losses", page.Find(".lead").TextContent, StringComparison.Ordinal);
        Assert.Equal("running", page.Find("h1 .badge").TextContent);
        Assert.Equal("7", page.Find("progress").GetAttribute("value"));
        SyntheticFolder.Lines(folder!.PointsFile, SyntheticLandscape.Points.Skip(7));
        folder.Save(SyntheticLandscape.Record);
        page.WaitForAssertion(() => Assert.Equal("finished", page.Find("h1 .badge").TextContent), PageContext.Patience);
        Assert.Contains("17 of 17", page.Find(".lead").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_was_stopped_long_ago_is_not_waited_for()
    {
        using var context = new PageContext(place =>
        {
            var folder = SyntheticLandscape.Write(place["landscape/a"], 7);
            File.SetLastWriteTimeUtc(folder.PointsFile, DateTime.UnixEpoch);
            File.SetLastWriteTimeUtc(folder.GridFile, DateTime.UnixEpoch);
        });
        var page = context.Open<LandscapePage>("landscape/landscape/a");
        Assert.Equal("stopped", page.Find("h1 .badge").TextContent);
        Assert.DoesNotContain("goes on by itself", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_one_says_what_is_wrong_and_shows_the_rest()
    {
        using var context = new PageContext(place =>
        {
            File.WriteAllText(SyntheticLandscape.Write(place["landscape/a"]).RecordFile, "{ torn");
            File.WriteAllText(SyntheticLandscape.Write(place["landscape/b"]).GridFile, "{ torn");
        });
        var page = context.Open<LandscapePage>("landscape/landscape/a");
        Assert.Contains("landscape.json", page.Find(".flaws").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll("figure").Count);
        Assert.Empty(page.FindAll("progress"));
        var torn = context.Open<LandscapePage>("landscape/landscape/b");
        Assert.Contains("grid.json", torn.Find(".flaws").TextContent, StringComparison.Ordinal);
        Assert.Empty(torn.FindAll("figure"));
        Assert.Equal("unreadable", torn.Find("h1 .badge").TextContent);
    }

    [Fact]
    public void Where_there_is_none_it_says_so() =>
        Assert.Contains(
            "There is no landscape “../etc”",
            new PageContext(_ => { }).Open<LandscapePage>("landscape/..%2Fetc").Markup,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_run_and_its_landscape_lead_to_each_other()
    {
        using var context = new PageContext(place =>
        {
            SyntheticFolder.Write(place[$"runs/{SyntheticLandscape.Run}"], SyntheticRun.Usual(20));
            SyntheticLandscape.Write(place["landscape/a"], record: SyntheticLandscape.Record);
        });
        Assert.Equal(
            $"run/runs/{SyntheticLandscape.Run}",
            context.Open<LandscapePage>("landscape/landscape/a").FindAll(".crumbs a")[1].GetAttribute("href")
        );
        Assert.Equal(
            "landscape/landscape/a",
            context
                .Open<RunPage>($"run/runs/{SyntheticLandscape.Run}")
                .FindAll("a")
                .Single(link => link.TextContent == "landscape at step 4")
                .GetAttribute("href")
        );
    }
}
