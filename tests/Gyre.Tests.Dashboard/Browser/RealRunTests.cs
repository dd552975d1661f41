using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Browser;

/// <summary>`gyre serve` as a user starts it, beside a run that goes.</summary>
public class RealRunTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task A_run_appears_while_it_goes_and_is_followed_to_its_end()
    {
        using var place = new TemporaryFolder();
        using var served = GyreProcess.StartIn(place.Path, "serve", "--port", "0");
        var address = served.Wait(@"at (http://localhost:\d+/)");
        await using var window = await browser.OpenAsync(address);
        await window.Page.WaitForSelectorAsync("text=There is no run");

        using var run = GyreProcess.StartIn(
            place.Path,
            "run",
            "diagonal",
            "--set",
            "training.steps=6000",
            "--set",
            "name=going"
        );
        // The run rests until its page is open, however long a browser takes.
        var resting = await RestAsync(run, place.Path);
        await window.Page.WaitForSelectorAsync("tbody >> text=going", new() { Timeout = 240_000 });
        await window.Page.ClickAsync("tbody >> text=going");
        await window.ChartAsync("loss");
        GyreProcess.Signal(resting, "CONT");
        var seen = new HashSet<double>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(5)); // of a run of seconds: then it hangs
        while (run.Running)
        {
            seen.Add(await window.AskAsync<double>("document.getElementById('plot-loss').data[0].x.at(-1)"));
            await Task.Delay(100, patience.Token);
        }
        Assert.Equal(0, run.End().ExitCode);
        Assert.True(seen.Count > 2, $"the page showed its step {string.Join(", ", seen)}");
        await window.UntilAsync("document.querySelector('.lead').textContent.includes('step 6000 of 6000')");
        await window.Page.WaitForSelectorAsync("h2:text-is('Result')");
        Assert.DoesNotContain("running", await window.Page.InnerTextAsync("h1"), StringComparison.Ordinal);
        window.Clean();

        GyreProcess.Signal(served.Id, "INT");
        var (code, output, error) = served.End();
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("nothing is written", output, StringComparison.Ordinal);
    }

    /// <summary>Stops a run's process once it has written steps; the process.</summary>
    private static async Task<int> RestAsync(GyreProcess run, string folder)
    {
        while (!WrittenSteps(folder).Skip(2).Any())
        {
            Assert.True(run.Running);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        var child = Assert.Single(run.Children());
        GyreProcess.Signal(child, "STOP");
        return child;
    }

    private static IEnumerable<string> WrittenSteps(string folder) =>
        Directory.EnumerateFiles(folder, "steps.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadLines);
}
