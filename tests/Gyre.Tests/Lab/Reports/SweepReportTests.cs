using System.Text.RegularExpressions;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Reports;

/// <summary>The page of a sweep's report and the files beside it.</summary>
public sealed partial class SweepReportTests
{
    [Fact]
    public void The_page_begins_with_the_verdicts_and_ends_with_the_methods()
    {
        var html = Html(SyntheticSweep.Usual);
        string[] order =
        [
            "<h1>",
            "id=\"verdicts\"",
            "id=\"signatures\"",
            "id=\"groups\"",
            "id=\"figures\"",
            "id=\"correlations\"",
            "id=\"methods\"",
            "Reproduce it",
            "sweep.toml",
            "Instabilities</h",
        ];
        var places = order
            .Select(part => html.IndexOf(part, StringComparison.Ordinal))
            .Where(place => place >= 0)
            .ToArray();

        Assert.Equal(
            order.Length - (html.Contains("id=\"signatures\"", StringComparison.Ordinal) ? 0 : 1),
            places.Length
        );
        Assert.Equal(places.Order(), places);
        Assert.Contains("how well they are calibrated</h", html, StringComparison.Ordinal);
        // a part of docs/theory.md that defines nothing a report shows
        Assert.DoesNotContain("Diagonal linear networks, exactly", html, StringComparison.Ordinal);
        foreach (var claim in new[] { "C1 ·", "C1a ·", "C2c ·", "C3b ·", "C4b ·" })
            Assert.Contains($"<th>{claim}", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_has_its_word_its_sign_its_reason_and_its_numbers()
    {
        var html = Html(SyntheticSweep.Usual);
        var row = Regex.Match(html, "<tr class=\"part\">\\s*<th>C2b.*?</tr>", RegexOptions.Singleline).Value;

        Assert.Contains("class=\"verdict supported\"", row, StringComparison.Ordinal);
        Assert.Contains(">✓</span>supported", row, StringComparison.Ordinal);
        Assert.Contains("final sharpness falls (p = ", row, StringComparison.Ordinal);
        Assert.Contains("<summary>rule and numbers</summary>", row, StringComparison.Ordinal);
        Assert.Contains("L of final sharpness", row, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_from_specs_are_escaped_everywhere()
    {
        const string Hostile = "<script>alert(\"&'\")</script><img src=x onerror=alert(1)>";
        var html = Html(
            SyntheticSweep.Usual with
            {
                Name = Hostile,
                Activations = [$"\"{Hostile}\""],
                CommandLine = $"gyre.dll sweep \"{Hostile.Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
                Done = 0.8,
            }
        );

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Gyre sweep: &lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("# a comment &lt;of&gt; the user", html, StringComparison.Ordinal);
        Assert.Contains("an &lt;os&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_needs_nothing_but_itself()
    {
        var html = Html(SyntheticSweep.Usual);

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<iframe", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        Assert.All(
            Reference().Matches(html),
            found =>
                Assert.True(
                    found.Groups[1].Value.StartsWith('#')
                        || found.Groups[1].Value.StartsWith("data:", StringComparison.Ordinal),
                    found.Value
                )
        );
        Assert.All(
            Url().Matches(html),
            found => Assert.StartsWith("#", found.Groups[1].Value, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void No_two_elements_of_the_page_have_one_name_and_every_reference_has_its_element()
    {
        var html = Html(SyntheticSweep.Usual);
        var names = Identifier().Matches(html).Select(found => found.Groups[1].Value).ToArray();

        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.True(names.Length > 100, $"{names.Length} names");
        Assert.All(
            Reference().Matches(html).Concat(Url().Matches(html)).Where(found => found.Groups[1].Value.StartsWith('#')),
            found => Assert.Contains(found.Groups[1].Value[1..], names)
        );
    }

    [Fact]
    public void An_unfinished_sweep_says_what_is_open_and_shows_what_is_there()
    {
        var html = Html(SyntheticSweep.Usual with { Done = 0.5 });

        Assert.Contains("This sweep is not finished: 6 cells of 12 are open.", html, StringComparison.Ordinal);
        Assert.Contains("id=\"figure-accuracy\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("not finished", Html(SyntheticSweep.Usual), StringComparison.Ordinal);

        var begun = Html(SyntheticSweep.Usual with { Done = 0 });
        Assert.Contains("12 cells of 12 are open", begun, StringComparison.Ordinal);
        Assert.Contains("No cell is finished yet.", begun, StringComparison.Ordinal);
        Assert.DoesNotContain("<figure", begun, StringComparison.Ordinal);
        Assert.Contains("Reproduce it", begun, StringComparison.Ordinal);
    }

    [Fact]
    public void Diverged_cells_are_listed_and_count_in_no_mean()
    {
        var html = Html(SyntheticSweep.Usual with { DivergesFrom = 0.5, Forks = false });

        Assert.Contains("3 runs diverged.", html, StringComparison.Ordinal);
        Assert.Contains("Parameters grow without bound", html, StringComparison.Ordinal);
        // Accuracy of seeds 0, 1, 2 at eta = 0.1 is 80, 80.4, 80.8; of the diverged runs 10.
        Assert.Contains(
            "The best mean test accuracy is 80.40 % (eta 0.1), the worst of those that did not diverge 79.42 %.",
            html,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Groups_have_both_intervals_of_their_seeds_and_the_paired_gain()
    {
        var table = ReportTables.Groups(SyntheticSweep.Usual.Data());
        var row = table.Rows.Single(cells => cells[0].Lines[0] == "eta 0.1");
        var accuracy = row[4].Lines;

        // 80, 80.4, 80.8: mean 80.4, standard error 0.4/√3, t of two degrees of freedom 4.3027. Of the 27 resamples one
        // has mean 80 and three 80.133; the quantile at 0.025·26 = 0.65 is 80.087.
        Assert.Equal("80.4", accuracy[0]);
        Assert.Equal("t 79.4 to 81.4", accuracy[1]);
        Assert.Equal("b 80.1 to 80.7", accuracy[2]);
        // Seeds differ alike at every rate: the paired gain on eta = 0.02 is 100·0.02·log10(5)² for each, without
        // spread.
        Assert.StartsWith("0.9771", row[^1].Lines[0], StringComparison.Ordinal);
        Assert.Equal("t 0.977 to 0.977", row[^1].Lines[1]);
    }

    [Fact]
    public void A_sweep_of_one_seed_has_no_intervals_and_one_of_few_cells_no_correlations()
    {
        var html = Html(new SyntheticSweep([0.02, 0.1], 1) { Forks = false });

        Assert.DoesNotContain("<small>t ", html, StringComparison.Ordinal);
        Assert.Contains("There is none: it needs four finished runs", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/x/gyre.dll sweep rates", "gyre sweep rates --set threads=1")]
    [InlineData("/x/gyre.dll sweep --set threads=4", "gyre sweep --set threads=4")]
    [InlineData(
        "\"/x y/gyre.dll\" sweep \"my spec.toml\" --set model.widths=[8,8]",
        "gyre sweep 'my spec.toml' --set 'model.widths=[8,8]' --set threads=1"
    )]
    [InlineData(
        "gyre sweep --set \"sweep.axes.model.activation=[\\\"relu\\\"]\"",
        "gyre sweep --set 'sweep.axes.model.activation=[\"relu\"]' --set threads=1"
    )]
    [InlineData("gyre sweep it's \"\"", "gyre sweep 'it'\\''s' '' --set threads=1")]
    public void The_command_is_one_that_a_shell_takes(string recorded, string command) =>
        Assert.Equal(command, SweepSettings.Command(SyntheticSweep.Usual.Plan() with { CommandLine = recorded }));

    [Fact]
    public void Files_are_there_whole_and_the_same_each_time()
    {
        using var folder = new TemporaryFolder();
        var sweep = SyntheticSweep.Usual.Write(folder["s"]);

        var files = SweepReport.Save(SweepReading.Read(sweep));
        var first = files.Select(File.ReadAllBytes).ToArray();

        Assert.Equal("report.html", Path.GetFileName(files[0]));
        Assert.Equal(1 + 2 * 6, files.Count);
        Assert.All(first, bytes => Assert.InRange(bytes.Length, 5_000, 5_000_000));
        Assert.Equal(
            files.Select(Path.GetFileName).Order(),
            Directory.GetFiles(sweep.Folder.Report).Select(Path.GetFileName).Order()
        );
        Assert.Equal(files, SweepReport.Save(SweepReading.Read(SweepReader.Open(folder["s"]))));
        Assert.Equal(first, files.Select(File.ReadAllBytes));
    }

    private static readonly Lazy<string> Usual = new(() => Html(SyntheticSweep.Usual with { Seeds = 3 }));

    private static string Html(SyntheticSweep synthetic)
    {
        if (ReferenceEquals(synthetic, SyntheticSweep.Usual))
            return Usual.Value;
        using var folder = new TemporaryFolder();
        return File.ReadAllText(SweepReport.Save(SweepReading.Read(synthetic.Write(folder["s"])))[0]);
    }

    [GeneratedRegex(@"(?:src|href|data|poster|srcset)\s*=\s*[""']([^""']*)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"url\(([^)]*)\)")]
    private static partial Regex Url();

    [GeneratedRegex(@"\sid=""([^""]*)""")]
    private static partial Regex Identifier();
}
