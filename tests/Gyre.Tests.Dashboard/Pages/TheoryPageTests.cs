using System.Globalization;
using Bunit;
using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Pages;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;

namespace Gyre.Tests.Dashboard.Pages;

/// <summary>The interactive network of two parameters.</summary>
public class TheoryPageTests
{
    [Fact]
    public void The_page_shows_what_the_address_says()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory?x=2&y=0.4&eta=0.6&step=3&steps=50&view=plane");
        Assert.Equal(
            ["2", "0.4", "0.6", "50"],
            new[] { "#x", "#y", "#eta", "#steps" }.Select(field => page.Find(field).GetAttribute("value"))
        );
        Assert.Equal("catapult", page.Find("h1 .badge").TextContent);
        Assert.Contains("Step 3 of 50", page.Markup, StringComparison.Ordinal);
        Assert.Equal("plane", page.Find(".inputs a[aria-current]").TextContent);
        Assert.Equal(
            ["loss", "sharpness", "angle", "rotation", "imbalance", "starts"],
            page.FindAll("figure").Select(figure => figure.Id!["chart-".Length..])
        );
        Assert.Empty(page.FindAll(".flaws"));
    }

    [Fact]
    public void Bad_input_is_said_in_sentences_and_something_is_shown()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory?x=<b>&y=99&eta=-1");
        Assert.Equal(3, page.FindAll(".flaws li").Count);
        Assert.Equal(
            ["3", "4", "0.001"],
            new[] { "#x", "#y", "#eta" }.Select(field => page.Find(field).GetAttribute("value"))
        );
        Assert.DoesNotContain("<b>", page.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("theory?x=4&y=3.9&eta=4&step=20")]
    [InlineData("theory?x=0&y=0")]
    [InlineData("theory?x=2&y=-2&eta=0.1&view=path")]
    [InlineData("theory?x=-4&y=4&eta=4&view=path&steps=2000&step=2000")]
    [InlineData("theory?x=1&y=1&view=path")]
    [InlineData("theory?steps=1&step=1")]
    public void Starts_that_go_nowhere_or_everywhere_are_shown(string address)
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>(address);
        Assert.NotEmpty(page.FindAll("figure"));
        Assert.DoesNotContain(
            "NaN",
            string.Concat(page.FindAll(".surface path").Select(path => path.GetAttribute("d"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_drag_moves_the_start_and_the_address_follows_when_it_ends()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory");
        var before = page.Find(".descent").GetAttribute("d");
        await page.Find(".pad").PointerDownAsync(At(3, 0.3));
        await page.Find(".pad").PointerMoveAsync(At(2.2, 1));
        await page.Find(".pad").PointerMoveAsync(At(2, 1.5));
        page.WaitForAssertion(() =>
            Assert.Equal(("2", "1.5"), (page.Find("#x").GetAttribute("value"), page.Find("#y").GetAttribute("value")))
        );
        Assert.NotEqual(before, page.Find(".descent").GetAttribute("d"));
        Assert.Equal(Place(2, 1.5), (Number(page, "cx"), Number(page, "cy")));
        Assert.Equal("theory", context.Address);
        await page.Find(".pad").PointerUpAsync(At(2, 1.5, buttons: 0));
        page.WaitForAssertion(() =>
            Assert.StartsWith("theory?x=2&y=1.5&eta=0.25", context.Address, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Where_the_hand_rests_the_charts_come_after_without_a_further_move()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory");
        await page.Find(".pad").PointerDownAsync(At(3, 0.3));
        await page.Find(".pad").PointerMoveAsync(At(2.2, 1));
        await page.Find(".pad").PointerMoveAsync(At(1.2, 1.2));
        // Below the threshold the loss only falls: its largest is ½(1.2·1.2 − 1)².
        page.WaitForAssertion(
            () => Assert.Equal("0.0968", page.FindAll("#chart-loss .ends tbody td")[3].TextContent),
            TimeSpan.FromSeconds(30)
        );
        Assert.Equal("theory", context.Address);
    }

    [Fact]
    public async Task A_hand_that_passes_over_or_has_let_go_outside_moves_nothing()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory");
        Assert.False(page.Find(".pad").HasAttribute("blazor:onpointermove")); // not even listened to
        await page.Find(".pad").PointerDownAsync(At(2, 2, button: 2));
        await page.Find(".pad").PointerDownAsync(At(2, 2, primary: false));
        Assert.Equal("3", page.Find("#x").GetAttribute("value"));
        await page.Find(".pad").PointerDownAsync(At(2, 2));
        page.WaitForAssertion(() => Assert.Equal("2", page.Find("#x").GetAttribute("value")));
        await page.Find(".pad").PointerMoveAsync(At(1, 1, buttons: 0));
        page.WaitForAssertion(() => Assert.StartsWith("theory?x=2&y=2&", context.Address, StringComparison.Ordinal));
        Assert.Equal("2", page.Find("#x").GetAttribute("value"));
    }

    [Fact]
    public async Task Places_are_told_by_the_size_that_the_browser_says_and_the_pointer_is_kept()
    {
        using var context = new PageContext(_ => { });
        var pad = new Pad(300);
        context.Services.AddSingleton<IJSRuntime>(pad);
        var page = context.Open<TheoryPage>("theory");
        await page.Find(".pad").PointerDownAsync(At(2, 2, size: 300));
        page.WaitForAssertion(() =>
            Assert.Equal(("2", "2"), (page.Find("#x").GetAttribute("value"), page.Find("#y").GetAttribute("value")))
        );
        Assert.Contains("setPointerCapture 7", pad.Calls);
    }

    [Fact]
    public async Task Beyond_the_plane_the_start_stays_at_its_edge()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory");
        await page.Find(".pad").PointerDownAsync(At(9, -9));
        page.WaitForAssertion(() =>
            Assert.Equal(("4", "-4"), (page.Find("#x").GetAttribute("value"), page.Find("#y").GetAttribute("value")))
        );
    }

    [Fact]
    public void Numbers_typed_go_into_the_address_and_edge_units_become_eta()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory");
        page.Find("#y").Change("0.5");
        page.WaitForAssertion(() => Assert.Contains("y=0.5", context.Address, StringComparison.Ordinal));
        page.Find("#edge").Change("1.5");
        page.WaitForAssertion(() => Assert.Equal("1.5", page.Find("#edge").GetAttribute("value")));
        var sharpness = Gyre.Lab.Theory.TwoParameterModel.Eigenvalues(3, 0.5).Largest;
        Assert.Equal(2 * 1.5 / sharpness, ViewAddress.Parse(context.Address).Number("eta")!.Value, 1e-5);
        page.Find("#eta").Change("-1");
        page.WaitForAssertion(() =>
            Assert.Contains("eta = -1", page.Find(".flaws").TextContent, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_slider_shows_what_it_passes_and_writes_the_address_when_it_is_let_go()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory");
        page.Find("input[type=range][aria-label=eta]").Input("400");
        Assert.Equal("4", page.Find("#eta").GetAttribute("value"));
        Assert.Equal("diverged", page.Find("h1 .badge").TextContent);
        Assert.Equal("theory", context.Address);
        page.Find("input[type=range][aria-label=eta]").Change("400");
        page.WaitForAssertion(() => Assert.Contains("eta=4&", context.Address, StringComparison.Ordinal));
    }

    [Fact]
    public void The_step_slider_turns_v1()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory?step=12");
        var before = page.Find(".chosen").GetAttribute("d");
        page.Find(".player input[type=range]").Input("13");
        Assert.NotEqual(before, page.Find(".chosen").GetAttribute("d"));
        Assert.Contains("Step 13 of 100", page.Markup, StringComparison.Ordinal);
        page.Find(".player input[type=range]").Change("13");
        page.WaitForAssertion(() => Assert.Contains("step=13", context.Address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Playing_goes_from_step_to_step_until_it_is_paused_or_at_the_end()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>("theory?steps=30&step=2");
        _ = page.Find(".player button").ClickAsync(new MouseEventArgs());
        page.WaitForAssertion(
            () => Assert.Contains("Step 4 of 30", page.Markup, StringComparison.Ordinal),
            PageContext.Patience
        );
        Assert.Contains("pause", page.Find(".player button").TextContent, StringComparison.Ordinal);
        await page.Find(".player button").ClickAsync(new MouseEventArgs());
        page.WaitForAssertion(() => Assert.Matches("step=[4-9]&steps=30", context.Address), PageContext.Patience);

        var last = context.Open<TheoryPage>("theory?steps=3&step=1");
        _ = last.Find(".player button").ClickAsync(new MouseEventArgs());
        last.WaitForAssertion(
            () => Assert.Contains("play", last.Find(".player button").TextContent, StringComparison.Ordinal),
            PageContext.Patience
        );
        last.WaitForAssertion(
            () => Assert.Contains("step=3&steps=3", context.Address, StringComparison.Ordinal),
            PageContext.Patience
        );
    }

    [Fact]
    public void Examples_are_links_and_the_one_that_is_shown_is_marked()
    {
        using var context = new PageContext(_ => { });
        var page = context.Open<TheoryPage>(
            TheoryState.Presets[2].State.AddTo(ViewAddress.Create("theory")).ToString()
        );
        var links = page.FindAll("nav a");
        Assert.Equal(
            TheoryState.Presets.Select(preset => preset.State.AddTo(ViewAddress.Create("theory")).ToString()),
            links.Select(link => link.GetAttribute("href"))
        );
        Assert.Equal(
            [2],
            links.Index().Where(link => link.Item.HasAttribute("aria-current")).Select(link => link.Index)
        );
    }

    private static PointerEventArgs At(
        double x,
        double y,
        long button = 0,
        bool primary = true,
        long buttons = 1,
        double size = 600
    ) =>
        Place(x, y) is var (across, down)
            ? new PointerEventArgs
            {
                PointerId = 7,
                IsPrimary = primary,
                Button = button,
                Buttons = buttons,
                OffsetX = across * size / SurfaceFrame.Size,
                OffsetY = down * size / SurfaceFrame.Size,
            }
            : throw new InvalidOperationException();

    private static (double Across, double Down) Place(double x, double y) =>
        SurfaceFrame.FromStudy(TheoryStudy.Create(TheoryState.Default)).Place(x, y) is var (across, down)
            ? (Math.Round(across, 2), Math.Round(down, 2))
            : default;

    private static double Number(IRenderedComponent<TheoryPage> page, string name) =>
        double.Parse(page.Find(".start").GetAttribute(name)!, CultureInfo.InvariantCulture);

    /// <summary>A browser with one thing in it, which says how large it is.</summary>
    private sealed class Pad(double size) : IJSRuntime, IJSObjectReference
    {
        public List<string> Calls { get; } = [];

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args)
        {
            Calls.Add($"{identifier} {args?.FirstOrDefault()}".Trim());
            if (typeof(TValue) == typeof(IJSObjectReference))
                return ValueTask.FromResult((TValue)(object)this);
            return ValueTask.FromResult(
                identifier == "getBoundingClientRect"
                    ? System.Text.Json.JsonSerializer.Deserialize<TValue>(
                        FormattableString.Invariant($"{{\"Width\":{size},\"Height\":{size}}}")
                    )!
                    : default!
            );
        }

        public ValueTask<TValue> InvokeAsync<TValue>(
            string identifier,
            CancellationToken cancellationToken,
            object?[]? args
        ) => InvokeAsync<TValue>(identifier, args);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
