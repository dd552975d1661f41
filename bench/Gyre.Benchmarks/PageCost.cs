using System.Diagnostics;
using Gyre.Dashboard.Serving;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Microsoft.Playwright;

namespace Gyre.Benchmarks;

/// <summary>
/// Measures the live page: the time until folders of 10 and 1,000 runs and a run of 100,000 steps are shown, the delay
/// of a new line, the server's memory, and how much an open page slows down a run on the same machine.
/// </summary>
internal static class PageCost
{
    private const int LongSteps = 100_000;
    private const int Pairs = 5;

    private static readonly string[] Browsers =
    [
        Environment.GetEnvironmentVariable("GYRE_CHROMIUM") ?? "",
        "/usr/bin/chromium",
        "/usr/bin/google-chrome",
    ];

    public static async Task MeasureAsync(Report report)
    {
        var folder = Directory.CreateTempSubdirectory("gyre-bench-").FullName;
        try
        {
            using var playwright = Browsers.Any(File.Exists) ? await Playwright.CreateAsync() : null;
            await using var browser = playwright is null
                ? null
                : await playwright.Chromium.LaunchAsync(
                    new() { ExecutablePath = Browsers.First(File.Exists), Args = ["--no-sandbox"] }
                );
            foreach (var count in new[] { 10, 1000 })
                await TableAsync(report, Path.Combine(folder, $"of-{count}"), count, browser);
            await LongAsync(report, Path.Combine(folder, "long"), browser);
            await using var meek = playwright is null
                ? null
                : await playwright.Chromium.LaunchAsync(
                    new() { ExecutablePath = Meek(folder, Browsers.First(File.Exists)), Args = ["--no-sandbox"] }
                );
            await BesideAsync(report, Path.Combine(folder, "beside"), meek);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Returns a script that starts the browser at the lowest priority. A reader's browser runs on another machine, so
    /// only the server's cost to a run matters here.
    /// </summary>
    private static string Meek(string folder, string browser)
    {
        if (OperatingSystem.IsWindows())
            return browser;
        var script = Path.Combine(folder, "browser");
        File.WriteAllText(script, $"#!/bin/sh\nexec nice -n 19 {browser} \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return script;
    }

    private static async Task TableAsync(Report report, string place, int count, IBrowser? browser)
    {
        for (var i = 0; i < count; i++)
            Write(Path.Combine(place, "runs", $"run-{i}"), 60, 10, true);
        await using var server = await DashboardServer.StartAsync(new ServeOptions { Folder = place });
        var (first, again) = (await AskAsync(server.Address), await AskAsync(server.Address));
        report.Row(
            $"table of {count} runs: server response, first and second request",
            $"{first.TotalMilliseconds:0} ms, {again.TotalMilliseconds:0} ms",
            count == 1000 ? "< 1 s" : ""
        );
        if (browser is not null)
            report.Row(
                $"table of {count} runs: shown in a browser",
                $"{await ScreenAsync(browser, server.Address.AbsoluteUri, "tbody tr"):0} ms",
                count == 1000 ? "< 1 s" : ""
            );
    }

    private static async Task LongAsync(Report report, string place, IBrowser? browser)
    {
        var run = Write(Path.Combine(place, "runs", "long"), LongSteps, 10, false);
        var before = Resident();
        await using var server = await DashboardServer.StartAsync(new ServeOptions { Folder = place });
        var address = new Uri(server.Address, "run/runs/long");
        var (first, again) = (await AskAsync(address), await AskAsync(address));
        report.Row(
            $"run of {LongSteps} steps, 3 of 10 measured: server response, first and second request",
            $"{first.TotalMilliseconds:0} ms, {again.TotalMilliseconds:0} ms",
            ""
        );
        report.Row($"additional resident memory for this run", $"{Resident() - before:0} MB", "");
        if (browser is null)
            return;
        report.Row(
            $"the same run: first chart shown in a browser",
            $"{await ScreenAsync(browser, address.AbsoluteUri, "#plot-loss .main-svg"):0} ms",
            ""
        );
        var page = await browser.NewPageAsync();
        await page.GotoAsync(address.AbsoluteUri);
        await page.WaitForSelectorAsync("#plot-rate .main-svg");
        var waits = new List<double>();
        for (var step = LongSteps + 1; step <= LongSteps + 20; step++)
        {
            var written = Stopwatch.StartNew();
            Append(run.Steps, [Step(step)]);
            while (await page.EvaluateAsync<double>("document.getElementById('plot-loss').data[0].x.at(-1)") < step)
                await Task.Delay(5);
            waits.Add(written.Elapsed.TotalMilliseconds);
        }
        report.Row(
            $"delay of a new line in the open page's chart: median, maximum of {waits.Count}",
            $"{Report.Median(waits):0} ms, {waits.Max():0} ms",
            "< 1 s"
        );
        var zoom = Stopwatch.StartNew();
        await page.FillAsync("input[name=from]", "50000");
        await page.FillAsync("input[name=to]", "51000");
        await page.ClickAsync("button:text-is('show')");
        while (await page.EvaluateAsync<double>("document.getElementById('plot-rate').data[0].x[0]") < 40_000)
            await Task.Delay(5);
        report.Row($"zoom of its charts to 1,000 steps", $"{zoom.ElapsedMilliseconds} ms", "");
        await page.CloseAsync();
    }

    /// <summary>
    /// Times the same run alternately without and with the page of its folder open in a browser. The program and the
    /// server are separate processes.
    /// </summary>
    private static async Task BesideAsync(Report report, string place, IBrowser? browser)
    {
        if (browser is null)
            return;
        Directory.CreateDirectory(place);
        using var server = Start("serve", place, "--port", "0");
        var said = await server.StandardOutput.ReadLineAsync() ?? "";
        var address = said[said.IndexOf("http", StringComparison.Ordinal)..];
        var (ratios, shares) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            var alone = Run(place, $"alone-{pair}", pair);
            var page = await browser.NewPageAsync();
            var running = Task.Run(() => Run(place, $"watched-{pair}", pair + 1000));
            await page.GotoAsync(address);
            await page.ClickAsync($"tbody >> text=watched-{pair}", new() { Timeout = 60_000 });
            server.Refresh();
            var (before, clock) = (server.TotalProcessorTime, Stopwatch.StartNew());
            var watched = await running;
            server.Refresh();
            shares.Add((server.TotalProcessorTime - before) / clock.Elapsed);
            await page.CloseAsync();
            ratios.Add(watched / alone);
        }
        server.Refresh();
        server.Kill();
        report.Row(
            $"run with its page open / without, wall time on two processors, {Pairs} pairs (the browser runs "
                + "on the same machine at the lowest priority)",
            $"{Report.Ratio(ratios)}",
            ""
        );
        report.Row(
            $"processor time of the server while the page is open",
            $"{100 * Report.Median(shares):0.0} % of one processor",
            ""
        );
    }

    private static double Run(string place, string name, int seed)
    {
        var clock = Stopwatch.StartNew();
        using var run = Start(
            "run",
            "fashion-mlp",
            "--out",
            Path.Combine(place, "runs"),
            "--set",
            $"name={name}",
            "--set",
            $"seed={seed % 1000}",
            "--set",
            "threads=1",
            "--set",
            "training.steps=150"
        );
        run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        return clock.Elapsed.TotalSeconds;
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "gyre.dll"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetTempPath(),
            }
        )!;

    private static async Task<TimeSpan> AskAsync(Uri address)
    {
        using var client = new HttpClient();
        var clock = Stopwatch.StartNew();
        await client.GetByteArrayAsync(address);
        return clock.Elapsed;
    }

    private static async Task<double> ScreenAsync(IBrowser browser, string address, string until)
    {
        var page = await browser.NewPageAsync();
        var clock = Stopwatch.StartNew();
        await page.GotoAsync(address, new() { WaitUntil = WaitUntilState.Commit });
        await page.WaitForSelectorAsync(until);
        var milliseconds = clock.Elapsed.TotalMilliseconds;
        await page.CloseAsync();
        return milliseconds;
    }

    private static double Resident()
    {
        GC.Collect();
        return Process.GetCurrentProcess().WorkingSet64 / 1e6;
    }

    private static RunFolder Write(string path, int steps, int every, bool finished)
    {
        var folder = new RunFolder(path);
        folder.Create(
            SpecText.Write(SpecReader.Read("quick", [$"name={Path.GetFileName(path)}", $"training.steps={steps}"])),
            new EnvironmentRecord(1, "0", "10", "", 2, 1, "cpu", "", "", false, "gyre run", 0, DateTimeOffset.UnixEpoch)
        );
        Append(folder.Steps, Enumerable.Range(0, steps + 1).Select(Step));
        Append(
            folder.Curvature,
            Enumerable.Range(0, steps + 1).Where(step => step % every < 3).Select(step => Measured(step, step % every))
        );
        if (finished)
            File.WriteAllText(folder.Summary, RunJson.Pretty(Summary(steps)));
        return folder;
    }

    private static void Append<T>(string path, IEnumerable<T> records)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        foreach (var record in records)
            stream.Write([.. RunJson.ToLine(record), (byte)'\n']);
    }

    private static StepRecord Step(int step) =>
        new(
            step,
            2.3 * Math.Exp(-step / 30_000.0) * (1 + 0.1 * Math.Sin(step)),
            0.5,
            0.3,
            0.2,
            step % 10 == 0 ? 1 : null,
            step % 10 == 0 ? 0.8 : null
        );

    private static CurvatureRecord Measured(int step, int burst)
    {
        RotationRecord Turned(int lag) =>
            new(lag, 0.6, 0.55, 0.65, 0.4, 1e-4, [0.9, 0.8], [0.8, 0.7], [1, 0.9], [0.9, 0.8], [0, 1], [0.9, -0.8]);
        var sharpness = 10 + Math.Sin(step / 700.0);
        return new()
        {
            Step = step,
            Burst = burst,
            Threshold = 10,
            Sharpness = sharpness,
            Eigenvalues = [sharpness, 8, 7, 6],
            Residuals = [0.01, 0.01, 0.01, 0.01],
            Gaps = [1, 1, 1, 1],
            AngleErrorsDegrees = [0.5, 0.5, 0.5, 0.5],
            BlockGap = 1,
            BlockAngleErrorDegrees = 0.5,
            LambdaMin = -1,
            LambdaMinResidual = 0.1,
            Products = 13,
            StopReason = "converged",
            Warm = true,
            GradientAlignment = 0.5,
            ParticipationRatios = [0.1, 0.1, 0.1, 0.1],
            LayerShares = Enumerable
                .Range(0, 6)
                .ToDictionary(i => $"layer{i}.weight", _ => new[] { 0.1, 0.2, 0.3, 0.4 }),
            Flip = burst > 0 ? Turned(1) : null,
            DriftPerBounce = burst > 1 ? Turned(2) : null,
            Drift = burst == 0 ? Turned(10) : null,
        };
    }

    private static SummaryRecord Summary(int steps) =>
        new()
        {
            Format = 1,
            Outcome = "edge_of_stability",
            OutcomeRule = "",
            Steps = steps,
            Parameters = 1000,
            Samples = 100,
            FinalLoss = 0.1,
            FinalAccuracy = 0.9,
            FinalTestAccuracy = 0.8,
            BestTestAccuracy = 0.8,
            EdgeUnits = 0.5,
            InitialSharpness = 2,
            PeakSharpness = 20,
            PeakStep = 10,
            FinalSharpness = 10,
            FinalThreshold = 10,
            Cycles = [],
            Flattening = null,
            Flip = new RotationSummary(0.4, 0.3, 0.5, 10, 0),
            DriftPerBounce = null,
            Drift = null,
            Resolve = null,
            Measurements = 18,
            Converged = 18,
            ProductsPerMeasurement = 13,
        };
}
