using Gyre.Lab.RunFiles;
using Gyre.Tests.Dashboard.Serving;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Browser;

/// <summary>The page as people see it.</summary>
public class BrowserTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private const int SpikeAt = 12_345;
    private const double Spike = 77;

    [Fact]
    public async Task Runs_are_found_sorted_and_filtered_and_the_address_says_so()
    {
        await using var served = await Served.StartAsync(Three);
        await using var window = await browser.OpenAsync(served.At("/"));
        Assert.Equal(3, await window.Page.Locator("tbody tr").CountAsync());

        await window.Page.FillAsync("input[type=search]", "beta");
        await window.UntilAsync("document.querySelectorAll('tbody tr').length === 1");
        Assert.Contains("q=beta", window.Page.Url, StringComparison.Ordinal);

        await window.GoAsync(served.At("/?tag=paper"));
        Assert.Equal(2, await window.Page.Locator("tbody tr").CountAsync());

        await window.GoAsync(served.At("/"));
        await window.Page.ClickAsync("thead >> text=final acc. %");
        await window.UntilAsync("document.querySelector('tbody th a').textContent === 'gamma'");
        Assert.Contains("sort=final", window.Page.Url, StringComparison.Ordinal);
        Assert.Equal("descending", await window.Page.GetAttributeAsync("th[aria-sort]", "aria-sort"));

        await window.Page.SelectOptionAsync("select", "diverged");
        await window.UntilAsync("document.querySelectorAll('tbody tr').length === 1");
        Assert.Contains("outcome=diverged", window.Page.Url, StringComparison.Ordinal);
        window.Clean();
    }

    [Fact]
    public async Task A_run_opens_from_the_table_with_all_its_charts_and_its_instabilities()
    {
        await using var served = await Served.StartAsync(Three);
        await using var window = await browser.OpenAsync(served.At("/"));
        await window.Page.ClickAsync("tbody >> text=alpha");
        foreach (
            var chart in new[]
            {
                "loss",
                "accuracy",
                "sharpness",
                "eigenvalues",
                "rotation",
                "products",
                "time",
                "rate",
            }
        )
            await window.ChartAsync(chart);
        Assert.Equal(3, await window.AskAsync<int>("document.getElementById('plot-sharpness').layout.shapes.length"));
        Assert.Equal(3, await window.Page.Locator("section:has(h2:text-is('Instabilities')) tbody tr").CountAsync());
        Assert.Contains("alpha", await window.Page.TitleAsync(), StringComparison.Ordinal);
        window.Clean();
    }

    [Fact]
    public async Task New_lines_reach_an_open_page_within_a_second()
    {
        RunFolder? folder = null;
        var data = SyntheticRun.Usual(400);
        await using var served = await Served.StartAsync(place =>
            folder = SyntheticFolder.Write(
                place["served/runs/live"],
                data with
                {
                    Steps = [.. data.Steps.Take(200)],
                    Summary = null,
                }
            )
        );
        await using var window = await browser.OpenAsync(served.At("/run/runs/live"));
        await window.ChartAsync("loss");
        const string Last = "document.getElementById('plot-loss').data[0].x.at(-1)";
        await window.UntilAsync($"{Last} === 199");
        var waits = new List<TimeSpan>();
        for (var step = 200; step < 210; step++)
        {
            var written = System.Diagnostics.Stopwatch.StartNew();
            SyntheticFolder.Lines(folder!.Steps, [data.Steps[step]]);
            await window.UntilAsync($"{Last} === {step}", 10_000);
            waits.Add(written.Elapsed);
        }
        // The fastest of them: each line is written right after the last was shown, so a page that looks less often
        // than once a second misses all ten, while a machine that is busy with other tests delays only some.
        Assert.True(waits.Min() < TimeSpan.FromSeconds(1), string.Join(", ", waits));
        Assert.Contains("step 209", await window.Page.InnerTextAsync(".lead"), StringComparison.Ordinal);
        window.Clean();
    }

    [Fact]
    public async Task A_spike_of_one_step_in_a_long_run_is_seen_and_zooming_in_shows_every_step_in_all_charts()
    {
        await using var served = await Served.StartAsync(Long);
        await using var window = await browser.OpenAsync(served.At("/run/runs/long"));
        await window.ChartAsync("loss");
        await window.ChartAsync("accuracy");
        Assert.InRange(await window.AskAsync<int>("document.getElementById('plot-loss').data[0].x.length"), 1000, 3000);
        Assert.Equal(
            Spike,
            await window.AskAsync<double>("Math.max(...document.getElementById('plot-loss').data[0].y)")
        );

        // A frame pulled over the middle of the loss.
        var box = (await window.Page.Locator("#plot-loss .nsewdrag").First.BoundingBoxAsync())!;
        var spike = box.X + box.Width * (SpikeAt + 200f) / 20_400f;
        await window.Page.Mouse.MoveAsync(spike - 20, box.Y + box.Height / 2);
        await window.Page.Mouse.DownAsync();
        await window.Page.Mouse.MoveAsync(spike + 20, box.Y + box.Height / 2, new() { Steps = 5 });
        await window.Page.Mouse.UpAsync();
        await window.UntilAsync(
            "location.search.includes('from=')",
            otherwise: "location.href + ' shows ' + document.getElementById('plot-loss').layout.xaxis.range.join()"
        );
        await window.UntilAsync(
            "document.getElementById('plot-accuracy').layout.xaxis.range[0] === "
                + "document.getElementById('plot-loss').layout.xaxis.range[0] && "
                + "document.getElementById('plot-loss').layout.xaxis.range[1] < 15000"
        );
        var (first, last) = (
            await window.AskAsync<double>("document.getElementById('plot-loss').data[0].x[0]"),
            await window.AskAsync<double>("document.getElementById('plot-loss').data[0].x.at(-1)")
        );
        Assert.InRange(first, 9_000, SpikeAt);
        Assert.Equal(
            last - first + 1,
            await window.AskAsync<double>("document.getElementById('plot-loss').data[0].x.length")
        );
        Assert.Equal(
            Spike,
            await window.AskAsync<double>("Math.max(...document.getElementById('plot-loss').data[0].y)")
        );

        await window.Page.ClickAsync("main a:text-is('all')");
        await window.UntilAsync("document.getElementById('plot-loss').layout.xaxis.range[1] > 19000");
        Assert.DoesNotContain("from=", window.Page.Url, StringComparison.Ordinal);
        window.Clean();
    }

    [Fact]
    public async Task A_stretch_that_is_pulled_the_moment_a_chart_is_drawn_is_shown_in_all_charts_though_nobody_listened_yet()
    {
        await using var served = await Served.StartAsync(Long);
        await using var window = await browser.OpenAsync(
            served.At("/run/runs/long"),
            first: """
            let plotly;
            Object.defineProperty(window, 'Plotly', { configurable: true, get: () => plotly, set: value => {
                const draw = value.newPlot;
                plotly = value;
                value.newPlot = function (id) {
                    const drawn = draw.apply(this, arguments);
                    if (id === 'plot-loss') { // nothing that the server sent since can have come in between
                        window.heard = document.getElementById(id)._ev._events.plotly_relayout !== undefined;
                        value.relayout(id, { 'xaxis.range[0]': 12000.2, 'xaxis.range[1]': 12999.7 });
                    }
                    return drawn;
                };
            } });
            """
        );
        await window.UntilAsync(
            "location.search === '?from=12000&to=13000'",
            otherwise: "location.href + ' shows ' + document.getElementById('plot-loss').layout.xaxis.range.join()"
        );
        await window.UntilAsync(
            "['loss', 'accuracy', 'rate'].every(id => document.getElementById('plot-' + "
                + "id).layout.xaxis.range.join() === '12000,13000')"
        );
        Assert.False(await window.AskAsync<bool>("heard"));
        window.Clean();
    }

    [Fact]
    public async Task A_stretch_is_chosen_by_keyboard_and_its_address_shows_it_again()
    {
        await using var served = await Served.StartAsync(Long);
        await using var window = await browser.OpenAsync(served.At("/run/runs/long"));
        await window.ChartAsync("loss");
        await window.Page.FocusAsync("main label:has-text('from') input");
        await window.Page.Keyboard.TypeAsync("12000");
        await window.Page.Keyboard.PressAsync("Tab");
        await window.Page.Keyboard.TypeAsync("13000");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.UntilAsync(
            "location.search === '?from=12000&to=13000'",
            otherwise: "location.href + ' | ' + [...document.querySelectorAll('form input')].map(i => i.name + '=' + "
                + "i.value).join() + ' | ' + document.activeElement.outerHTML.slice(0, 120)"
        );
        await using var other = await browser.OpenAsync(window.Page.Url);
        await other.ChartAsync("loss");
        await other.UntilAsync("document.getElementById('plot-loss').layout.xaxis.range.join() === '12000,13000'");
        window.Clean();
        other.Clean();
    }

    [Fact]
    public async Task A_double_click_shows_everything_again_in_all_charts()
    {
        await using var served = await Served.StartAsync(Long);
        await using var window = await browser.OpenAsync(served.At("/run/runs/long?from=12000&to=13000"));
        await window.ChartAsync("sharpness");
        await window.Page.Locator("#plot-sharpness .nsewdrag").First.DblClickAsync();
        await window.UntilAsync(
            "['loss', 'sharpness', 'rate'].every(id => document.getElementById('plot-' + "
                + "id).layout.xaxis.range[1] > 19000 && document.getElementById('plot-' + id).data[0].x.at(-1) > "
                + "19000)"
        );
        await window.UntilAsync("!location.search.includes('from')");
        window.Clean();
    }

    [Fact]
    public async Task When_the_server_ends_the_page_stays_and_says_so()
    {
        var served = await Served.StartAsync(Three);
        await using var window = await browser.OpenAsync(served.At("/run/runs/alpha?axis=time"));
        await window.ChartAsync("loss");
        Assert.False(await window.Page.IsVisibleAsync(".strip"));
        await served.DisposeAsync();
        await window.Page.WaitForSelectorAsync("text=gyre serve does not answer");
        Assert.True(await window.Page.IsVisibleAsync("#plot-loss .main-svg"));
        Assert.Equal("time", await window.AskAsync<string>("document.querySelector('.strip input[name=axis]').value"));
    }

    [Fact]
    public async Task Chosen_runs_are_drawn_over_each_other()
    {
        await using var served = await Served.StartAsync(Three);
        await using var window = await browser.OpenAsync(served.At("/"));
        await window.Page.CheckAsync("input[aria-label='choose alpha']");
        await window.Page.CheckAsync("input[aria-label='choose beta']");
        await window.Page.ClickAsync("text=compare 2");
        await window.ChartAsync("loss");
        Assert.Equal(
            "alpha,beta",
            await window.AskAsync<string>("document.getElementById('plot-loss').data.map(line => line.name).join()")
        );
        await window.Page.ClickAsync("label:has-text('sharpness over') input");
        await window.UntilAsync("document.getElementById('plot-over-threshold') === null");
        Assert.Contains("key=", window.Page.Url, StringComparison.Ordinal);
        window.Clean();
    }

    [Fact]
    public async Task Charts_are_saved_as_pictures_and_numbers()
    {
        await using var served = await Served.StartAsync(Three);
        await using var window = await browser.OpenAsync(served.At("/run/runs/alpha"));
        await window.ChartAsync("sharpness");
        Assert.StartsWith(
            "<svg",
            await SavedAsync(window, "#chart-sharpness button:text-is('SVG')"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "\u0089PNG",
            await SavedAsync(window, "#chart-sharpness button:text-is('PNG')"),
            StringComparison.Ordinal
        );
        var table = await SavedAsync(window, "#chart-sharpness a:text-is('CSV')");
        Assert.StartsWith("line,step,sharpness,low,high", table, StringComparison.Ordinal);
        Assert.Equal(
            SyntheticRun.Usual().Curvature.Count,
            table.Split('\n').Count(line => line.StartsWith("sharpness,", StringComparison.Ordinal))
        );
        window.Clean();
    }

    [Theory]
    [InlineData(390, false)]
    [InlineData(390, true)]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    public async Task No_page_is_wider_than_its_window(int width, bool dark)
    {
        await using var served = await Served.StartAsync(Three);
        foreach (var path in new[] { "/", "/run/runs/alpha", "/compare?run=runs/alpha&run=runs/beta", "/nothing" })
        {
            await using var window = await browser.OpenAsync(served.At(path), width, 800, dark);
            if (path.Contains("run", StringComparison.Ordinal))
                await window.ChartAsync("loss");
            Assert.InRange(await window.AskAsync<int>("document.documentElement.scrollWidth"), 0, width);
            // Ink on ground: what the words are written in is far from what they are written on.
            var (ink, ground) = (
                await window.AskAsync<string>("getComputedStyle(document.body).color"),
                await window.AskAsync<string>("getComputedStyle(document.documentElement).backgroundColor")
            );
            Assert.True(
                Brightness(ink) < Brightness(ground) != dark && Math.Abs(Brightness(ink) - Brightness(ground)) > 150,
                $"{ink} on {ground}"
            );
            if (path != "/nothing") // whose answer, 404, browsers write to their console
                window.Clean();
        }
    }

    [Fact]
    public async Task Names_from_a_run_are_never_run()
    {
        const string Evil = "<img src=x onerror=window.hit=1><script>window.hit=2</script>";
        await using var served = await Served.StartAsync(place =>
        {
            var data = SyntheticRun.Usual(60);
            var folder = SyntheticFolder.Write(
                place["served/runs/evil"],
                data with
                {
                    Curvature =
                    [
                        .. data.Curvature.Select(record =>
                            record with
                            {
                                LayerShares = new Dictionary<string, double[]>
                                {
                                    [Evil] = [1],
                                    [$"<a href=\"javascript:window.hit=3\">{Evil}</a>"] = [0.5],
                                },
                            }
                        ),
                    ],
                    Events = [new EventRecord(3, "onset", 1, 1, 1, 1, Evil)],
                }
            );
            File.WriteAllText(
                folder.Spec,
                File.ReadAllText(folder.Spec)
                    .Replace("name = \"quick\"", $"name = \"{Evil}\"", StringComparison.Ordinal)
                    .Replace("tags = \"\"", $"tags = \"{Evil}\"", StringComparison.Ordinal)
            );
        });
        foreach (var path in new[] { "/", "/run/runs/evil", "/compare?run=runs/evil" })
        {
            await using var window = await browser.OpenAsync(served.At(path));
            if (path != "/")
                await window.ChartAsync("loss");
            await window.Page.WaitForTimeoutAsync(500);
            Assert.True(
                await window.AskAsync<bool>(
                    "window.hit === undefined && document.querySelectorAll('main img, main script, svg "
                        + "image, a[href^=javascript]').length === 0"
                )
            );
            if (!path.Contains("compare", StringComparison.Ordinal))
                Assert.Contains("<img src=x", await window.Page.TextContentAsync("main"), StringComparison.Ordinal);
            window.Clean();
        }
    }

    [Fact]
    public async Task A_folder_that_is_deleted_while_it_is_shown_stays_on_the_page_with_a_word()
    {
        await using var served = await Served.StartAsync(Three);
        await using var window = await browser.OpenAsync(served.At("/run/runs/alpha"));
        await window.ChartAsync("loss");
        Directory.Delete(served.Folder["served/runs/alpha"], recursive: true);
        await window.Page.WaitForSelectorAsync("text=Its folder no longer exists");
        Assert.NotNull(await window.Page.QuerySelectorAsync("#plot-loss .main-svg"));
        window.Clean();
    }

    private static async Task<string> SavedAsync(Window window, string button)
    {
        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Page.ClickAsync(button));
        return await File.ReadAllTextAsync(await download.PathAsync(), System.Text.Encoding.GetEncoding("latin1"));
    }

    private static double Brightness(string color) =>
        color
            .Split(['(', ',', ')'], StringSplitOptions.TrimEntries)[1..4]
            .Average(part => double.Parse(part, System.Globalization.CultureInfo.InvariantCulture));

    private static void Three(TemporaryFolder place)
    {
        var data = SyntheticRun.Usual();
        SyntheticFolder.Write(place["served/runs/alpha"], data, "name=alpha", "run.tags=paper, first");
        SyntheticFolder.Write(
            place["served/runs/beta"],
            data with
            {
                Summary = data.Summary! with { FinalTestAccuracy = 0.9, Outcome = "diverged" },
            },
            "name=beta"
        );
        SyntheticFolder.Write(
            place["served/runs/gamma"],
            data with
            {
                Summary = data.Summary! with { FinalTestAccuracy = 0.95 },
            },
            "name=gamma",
            "run.tags=paper"
        );
    }

    private static void Long(TemporaryFolder place)
    {
        var data = SyntheticRun.Create(
            20_000,
            step => step == SpikeAt ? Spike : 2.3 * Math.Exp(-step / 9000.0),
            step => 8 + Math.Sin(step / 900.0),
            50,
            4
        );
        SyntheticFolder.Write(place["served/runs/long"], data, "name=long", "training.steps=20000");
    }
}
