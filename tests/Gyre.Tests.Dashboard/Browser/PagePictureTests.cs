using Gyre.Tests.TestKit;
using Microsoft.Playwright;

namespace Gyre.Tests.Dashboard.Browser;

/// <summary>
/// The pictures of the live page in docs/page.md. docs/pictures/make.sh sets the variables by which this test writes
/// them: a folder with runs/ and sweeps/, and the addresses of a run and of a sweep in it.
/// </summary>
public class PagePictureTests(BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly string Pictures = Path.Combine(Source.Root, "docs", "pictures");

    [Theory]
    [InlineData("page-run", "GYRE_PICTURED_RUN", "run", 1100, 900, false)]
    [InlineData("page-phone", "GYRE_PICTURED_RUN", "run", 390, 800, true)]
    [InlineData("page-sweep", "GYRE_PICTURED_SWEEP", "sweep", 1100, 900, false)]
    [InlineData("page-theory", "", "theory", 1100, 900, false)]
    public async Task The_pictures_of_the_page_are_there(
        string name,
        string variable,
        string view,
        int width,
        int height,
        bool dark
    )
    {
        var picture = Path.Combine(Pictures, $"{name}.png");
        if (Environment.GetEnvironmentVariable("GYRE_PICTURED") is { } folder)
        {
            var key = variable.Length > 0 ? $"{view}/{Environment.GetEnvironmentVariable(variable)}" : view;
            await TakeAsync(folder, key, picture, width, height, dark);
        }
        Assert.True(File.Exists(picture), picture);
    }

    private async Task TakeAsync(string folder, string key, string picture, int width, int height, bool dark)
    {
        using var served = GyreProcess.StartIn(folder, "serve", "--port", "0");
        var address = served.Wait(@"at (http://localhost:\d+/)");
        await using var window = await browser.OpenAsync($"{address}{key}", width, height, dark);
        await window.UntilAsync("document.querySelectorAll('.main-svg').length > 0");
        await window.UntilAsync(
            "[...document.querySelectorAll('figure.chart')].every(chart =>"
                + " chart.getBoundingClientRect().top >= innerHeight || chart.querySelector('.main-svg'))"
        );
        await Task.Delay(1000); // fonts and layout
        await window.Page.ScreenshotAsync(new PageScreenshotOptions { Path = picture });
        window.Clean();
        GyreProcess.Signal(served.Id, "INT");
        served.End();
    }
}
