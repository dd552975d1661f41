using System.Text.RegularExpressions;
using Gyre.Dashboard.Charts;
using Gyre.Tests.Dashboard.Serving;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Browser;

/// <summary>The surface of two parameters under a real pointer, and landscapes, as people see them.</summary>
public partial class TheoryBrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly SurfaceFrame Frame = SurfaceFrame.FromStudy(TheoryStudy.Create(TheoryState.Default));

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_start_follows_the_mouse_at_any_size_through_divergence_and_back_and_out_of_the_surface(
        int width
    )
    {
        await using var served = await Served.StartAsync(_ => { });
        await using var window = await browser.OpenAsync(served.At("/theory"), width);
        await window.ChartAsync("starts");
        Assert.Equal(width, await window.AskAsync<int>("document.documentElement.scrollWidth"));
        var pad = (await window.Page.Locator(".pad").BoundingBoxAsync())!;
        Task MoveAsync(double x, double y) =>
            Frame.Place(x, y) is var (across, down)
                ? window.Page.Mouse.MoveAsync(
                    (float)(pad.X + across / SurfaceFrame.Size * pad.Width),
                    (float)(pad.Y + down / SurfaceFrame.Size * pad.Height),
                    new() { Steps = 5 }
                )
                : Task.CompletedTask;

        await MoveAsync(3, 0.3);
        await window.Page.Mouse.DownAsync();
        await MoveAsync(3.9, 3.8);
        await window.UntilAsync("document.querySelector('h1 .badge').textContent === 'diverged'");
        // the charts come after: the loss of such a start is near 100
        await window.UntilAsync("Number(document.getElementById('plot-loss').data[0].y[0]) > 10");
        await MoveAsync(2, 1.5);
        await window.UntilAsync(
            "Math.abs(document.querySelector('#x').value - 2) < 0.02 && "
                + "Math.abs(document.querySelector('#y').value - 1.5) < 0.02"
        );
        Assert.EndsWith("/theory", window.Page.Url, StringComparison.Ordinal);
        await MoveAsync(2, 9); // above the surface: the pointer is kept
        await window.UntilAsync("document.querySelector('#y').value === '4'");
        await window.Page.Mouse.UpAsync();
        await window.UntilAsync("location.search.includes('y=4')");
        Assert.Matches(Dragged(), window.Page.Url);
        await MoveAsync(1, 1); // nobody holds it now
        await window.Page.FillAsync("#x", "2.5"); // heard after the move
        await window.Page.PressAsync("#x", "Tab");
        await window.UntilAsync("location.search.includes('x=2.5')");
        Assert.Equal("4", await window.Page.InputValueAsync("#y"));
        window.Clean();
    }

    [Fact]
    public async Task A_step_that_is_clicked_in_a_chart_is_looked_at_and_an_example_is_a_link()
    {
        await using var served = await Served.StartAsync(_ => { });
        await using var window = await browser.OpenAsync(served.At("/theory?steps=20&step=3"));
        await window.ChartAsync("angle");
        await window.Page.Locator("#plot-angle").ScrollIntoViewIfNeededAsync();
        await window.HearsAsync("angle", "click");
        var chart = (await window.Page.Locator("#plot-angle .nsewdrag").First.BoundingBoxAsync())!;
        await window.Page.Mouse.MoveAsync(
            chart.X + chart.Width * 0.5f,
            chart.Y + chart.Height / 2,
            new() { Steps = 4 }
        );
        await window.Page.WaitForSelectorAsync("#plot-angle .hoverlayer .legend, #plot-angle .hoverlayer .hovertext");
        await window.Page.Mouse.ClickAsync(chart.X + chart.Width * 0.5f, chart.Y + chart.Height / 2);
        await window.UntilAsync("location.search.includes('step=10')");
        await window.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "diverging" }).ClickAsync();
        await window.UntilAsync(
            "document.querySelector('h1 .badge').textContent === 'diverged' && location.search.includes('eta=0.6')"
        );
        window.Clean();
    }

    [Theory]
    [InlineData(1280, false)]
    [InlineData(390, true)]
    public async Task A_landscape_is_drawn_and_goes_on_while_it_is_evaluated(int width, bool dark)
    {
        Gyre.Lab.RunFiles.LandscapeFolder? folder = null;
        await using var served = await Served.StartAsync(place =>
            folder = SyntheticLandscape.Write(place["served/landscape/a"], 9)
        );
        await using var window = await browser.OpenAsync(served.At("/landscape/landscape/a"), width, dark: dark);
        await window.ChartAsync("plane-v1-v2");
        Assert.Equal(
            4,
            await window.AskAsync<int>(
                "document.getElementById('plot-plane-v1-v2').data[0].z.flat().filter(z => z !== null).length"
            )
        );
        SyntheticFolder.Lines(folder!.PointsFile, SyntheticLandscape.Points.Skip(9));
        folder.Save(SyntheticLandscape.Record);
        await window.ChartAsync("plane-v1-v2-distance");
        await window.UntilAsync(
            "document.getElementById('plot-plane-v1-v2').data[0].z.flat().filter(z => z !== null).length === 12"
        );
        await window.UntilAsync(
            "document.getElementById('plot-plane-v1-v2').data.some(trace => (trace.text ?? [])[2] === 'step "
                + "2: loss 1.8, 2 from the plane, loss 1.5 at the projection')"
        );
        Assert.Equal(width, await window.AskAsync<int>("document.documentElement.scrollWidth"));
        var largest = await window.AskAsync<double>("document.getElementById('plot-plane-v1-v2').data[0].zmax");
        await window.Page.ClickAsync(
            "[aria-label$='linear scale']:not([href*='line-v1']):not([href*='distance']):not([href*='loss'])"
        );
        await window.UntilAsync("document.getElementById('plot-plane-v1-v2').data[0].zmax === 17");
        Assert.Equal(Math.Log10(17), largest, 5);
        window.Clean();
    }

    [GeneratedRegex(@"\?x=(1\.99\d|2|2\.00\d|1\.98\d|2\.01\d)&y=4&eta=0\.25&step=12&steps=100$")]
    private static partial Regex Dragged();
}
