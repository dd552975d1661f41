using Gyre.Dashboard.Reading;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Reading;

/// <summary>A run is followed whatever happens to its folder.</summary>
public class LiveRunTests
{
    private readonly Moments _clock = new();

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual();
        var run = Follow(SyntheticFolder.Write(place["a"], data)).Look();
        Assert.Equal(data.Steps.Select(step => (double)step.Step), run.Steps.Steps.ToArray());
        Assert.Equal(data.Steps.Select(step => step.Loss), run.Steps["loss"].ToArray());
        Assert.Equal(
            data.Steps.Select(step => 100 * step.TestAccuracy ?? double.NaN),
            run.Steps["test_accuracy"].ToArray()
        );
        Assert.Equal(data.Curvature.Select(record => record.Eigenvalues[2]), run.Curvature["eigenvalue_3"].ToArray());
        Assert.Equal(
            data.Curvature.Select(record => record.Flip?.Rotation ?? double.NaN),
            run.Curvature["flip"].ToArray()
        );
        Assert.Equal(
            data.Curvature.Select(record => 1 - record.Flip?.OverlapHigh ?? double.NaN),
            run.Curvature["flip_low"].ToArray()
        );
        Assert.Equal(data.Summary!.Cycles.Length, run.Cycles.Count);
        Assert.Empty(run.Flaws);
    }

    [Fact]
    public void Training_time_is_the_sum_of_the_step_sizes_before()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(50);
        var run = Follow(SyntheticFolder.Write(place["a"], data)).Look();
        var sum = 0.0;
        foreach (var (step, time) in data.Steps.Zip(run.Steps["time"].ToArray()))
        {
            Assert.Equal(sum, time, 12);
            sum += step.LearningRate;
        }
    }

    [Fact]
    public void Between_lines_that_are_steps_apart_training_time_runs_at_the_earlier_step_size()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(50); // eta 0.2, from half way 0.15
        long[] written = [0, 10, 24, 30];
        var run = Follow(
                SyntheticFolder.Write(
                    place["a"],
                    data with
                    {
                        Steps = [.. written.Select(step => data.Steps[(int)step])],
                    }
                )
            )
            .Look();
        double[] expected = [0, 2, 4.8, 6];
        foreach (var (sum, time) in expected.Zip(run.Steps["time"].ToArray()))
            Assert.Equal(sum, time, 12);
    }

    [Fact]
    public void New_lines_are_added_and_what_was_handed_out_stays()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(1000);
        var folder = SyntheticFolder.Write(place["a"], data with { Steps = [.. data.Steps.Take(300)], Summary = null });
        var live = Follow(folder);
        var before = live.Look();
        var losses = before.Steps["loss"].ToArray();
        SyntheticFolder.Lines(folder.Steps, data.Steps.Skip(300));
        var after = Next(live);
        Assert.Equal(data.Steps.Select(step => step.Loss), after.Steps["loss"].ToArray());
        Assert.True(after.Version > before.Version);
        Assert.Equal(losses, before.Steps["loss"].ToArray());
    }

    [Fact]
    public void A_resume_that_cuts_the_files_and_writes_again_leaves_no_step_twice()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(200);
        var folder = SyntheticFolder.Write(place["a"], data with { Summary = null });
        var live = Follow(folder);
        var before = live.Look();
        var kept = File.ReadLines(folder.Steps).Take(101).ToArray();
        File.WriteAllLines(folder.Steps, kept);
        Assert.Equal(201, before.Steps.Count);
        Next(live);
        SyntheticFolder.Lines(folder.Steps, data.Steps.Skip(101).Select(step => step with { Loss = 7 }));
        var after = Next(live);
        Assert.Equal(Enumerable.Range(0, 201).Select(step => (double)step), after.Steps.Steps.ToArray());
        Assert.Equal(7, after.Steps["loss"].Span[101]);
        Assert.Equal(data.Steps[100].Loss, after.Steps["loss"].Span[100]);
        Assert.Equal(before.Steps["time"].ToArray(), after.Steps["time"].ToArray());
        Assert.Equal(data.Steps[150].Loss, before.Steps["loss"].Span[150]);
    }

    /// <summary>`gyre measure` does so where checkpoints have come since.</summary>
    [Fact]
    public void A_finished_run_that_goes_on_loses_its_end()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(200);
        var folder = SyntheticFolder.Write(place["a"], data);
        SyntheticFolder.Lines(folder.Events, [new EventRecord(200, EventKinds.Ended, Detail: "measured")]);
        var live = Follow(folder);
        var before = live.Look();
        Assert.NotNull(before.Summary);
        Assert.Contains(before.Events, happened => happened.Kind == EventKinds.Ended);
        File.Delete(folder.Summary);
        Next(live);
        File.WriteAllLines(folder.Events, File.ReadAllLines(folder.Events)[..^1]);
        EventRecord[] more = [.. Enumerable.Range(201, 5).Select(step => new EventRecord(step, EventKinds.Peak, 5))];
        SyntheticFolder.Lines(folder.Events, more);
        SyntheticFolder.Lines(
            folder.Sessions,
            [new SessionRecord(DateTimeOffset.UnixEpoch, SessionKinds.Resumed, 200, 1)]
        );
        var after = Next(live);
        Assert.Null(after.Summary);
        Assert.Empty(after.Flaws);
        Assert.DoesNotContain(after.Events, happened => happened.Kind == EventKinds.Ended);
        Assert.Equal(before.Events.Count - 1 + more.Length, after.Events.Count);
        Assert.Equal(before.Steps.Count, after.Steps.Count);
    }

    [Fact]
    public void A_torn_last_line_waits_until_it_is_whole()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(20);
        var folder = SyntheticFolder.Write(place["a"], data with { Summary = null });
        var bytes = File.ReadAllBytes(folder.Steps);
        File.WriteAllBytes(folder.Steps, bytes[..^20]);
        var live = Follow(folder);
        Assert.Equal(20, live.Look().Steps.Count);
        Assert.Empty(live.Look().Flaws);
        File.WriteAllBytes(folder.Steps, bytes);
        Assert.Equal(21, Next(live).Steps.Count);
    }

    [Fact]
    public void Lines_that_are_no_records_are_left_out_and_named()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20) with { Summary = null });
        File.AppendAllText(folder.Curvature, "{\"step\":\nnonsense\n");
        var run = Follow(folder).Look();
        Assert.Contains(run.Flaws, flaw => flaw.Contains("curvature.jsonl: 2 lines", StringComparison.Ordinal));
        Assert.Equal(21, run.Steps.Count);
    }

    [Fact]
    public void A_folder_that_is_deleted_is_shown_as_it_was()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        var live = Follow(folder);
        var before = live.Look();
        Directory.Delete(folder.Path, recursive: true);
        var after = Next(live);
        Assert.True(after.Gone);
        Assert.Equal(before.Steps.Count, after.Steps.Count);
        Assert.Equal(after.Version, Next(live).Version);
    }

    [Fact]
    public void What_was_read_of_a_folder_stays_while_its_files_are_deleted_one_after_another()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        var live = Follow(folder);
        var before = live.Look();
        foreach (var file in new[] { folder.Environment, folder.Summary, folder.Steps, folder.Curvature, folder.Spec })
        {
            File.Delete(file);
            Assert.Equal(
                (before.Steps.Count, before.Curvature.Count),
                (Next(live).Steps.Count, live.Look().Curvature.Count)
            );
        }
        Directory.Delete(folder.Path, recursive: true);
        Assert.True(Next(live).Gone);
        Assert.Equal(
            (before.Steps.Count, before.Curvature.Count),
            (live.Look().Steps.Count, live.Look().Curvature.Count)
        );
    }

    [Fact]
    public void A_folder_that_was_away_and_comes_back_as_it_was_is_there_again()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        var live = Follow(folder);
        live.Look();
        Directory.Move(folder.Path, place["elsewhere"]);
        Assert.True(Next(live).Gone);
        Directory.Move(place["elsewhere"], folder.Path);
        var back = Next(live);
        Assert.False(back.Gone);
        Assert.Equal(21, back.Steps.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_that_is_begun_another_time_is_read_from_its_beginning(bool seenGone)
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(40);
        var folder = SyntheticFolder.Write(place["a"], data);
        var live = Follow(folder);
        live.Look();
        Directory.Delete(folder.Path, recursive: true);
        if (seenGone)
            Next(live);
        SyntheticFolder.Write(
            place["a"],
            data with
            {
                Steps = [.. data.Steps.Take(10).Select(step => step with { Loss = 7 })],
                Summary = null,
            }
        );
        var environment = File.ReadAllText(folder.Environment);
        File.WriteAllText(
            folder.Environment,
            environment.Replace("1970-01-01", "1970-01-02", StringComparison.Ordinal)
        );
        var run = Next(live);
        Assert.Equal(Enumerable.Repeat(7.0, 10), run.Steps["loss"].ToArray());
        Assert.Null(run.Summary);
    }

    [Fact]
    public void Records_with_lists_or_words_that_are_null_are_left_out_and_told()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        foreach (
            var (path, name) in new[]
            {
                (folder.Curvature, "eigenvalues"),
                (folder.Curvature, "layer_shares"),
                (folder.Summary, "outcome"),
                (folder.Summary, "cycles"),
            }
        )
            File.WriteAllText(
                path,
                System.Text.RegularExpressions.Regex.Replace(
                    File.ReadAllText(path),
                    $"\"{name}\": ?(\\[[^\\]]*\\]|\\{{[^}}]*\\}}|\"[^\"]*\")",
                    $"\"{name}\":null"
                )
            );
        var run = Follow(folder).Look();
        Assert.Equal(21, run.Steps.Count);
        Assert.Equal(0, run.Curvature.Count);
        Assert.Contains(
            run.Flaws,
            flaw =>
                flaw.StartsWith("curvature.jsonl: ", StringComparison.Ordinal)
                && flaw.Contains("left out", StringComparison.Ordinal)
        );
        Assert.Null(run.Summary);
        Assert.Contains("summary.json is malformed.", run.Flaws);
    }

    [Fact]
    public void A_spec_that_was_edited_since_the_run_began_is_told_until_it_is_put_back()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        var (spec, environment) = (File.ReadAllText(folder.Spec), File.ReadAllText(folder.Environment));
        var id = SpecText.Id(SpecReader.ReadText(spec));
        File.WriteAllText(
            folder.Environment,
            environment.TrimEnd().TrimEnd('}').TrimEnd() + $", \"spec_id\": \"{id}\"}}"
        );
        var live = Follow(folder);
        Assert.Empty(live.Look().Flaws);
        File.WriteAllText(folder.Spec, SpecText.Write(SpecReader.ReadText(spec) with { Seed = 77 }));
        Assert.StartsWith(
            "spec.toml is not the spec of this run",
            Assert.Single(Next(live).Flaws),
            StringComparison.Ordinal
        );
        File.WriteAllText(folder.Spec, spec + "\n");
        Assert.Empty(Next(live).Flaws);
    }

    [Fact]
    public void A_mistake_in_the_spec_is_said_with_its_key_and_its_value()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        File.WriteAllText(folder.Spec, "format = 1\n[data]\nsamples = -1\n");
        Assert.Contains(
            "data.samples: -1 is not an integer",
            Assert.Single(Follow(folder).Look().Flaws),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_summary_of_a_newer_format_is_refused_by_name()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        File.WriteAllText(
            folder.Summary,
            File.ReadAllText(folder.Summary).Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal)
        );
        var run = Follow(folder).Look();
        Assert.Null(run.Summary);
        Assert.Equal(
            "summary.json has format 2; this program supports formats up to 1. Use a newer version of gyre.",
            Assert.Single(run.Flaws)
        );
    }

    [Fact]
    public void A_folder_in_a_files_place_is_named_and_a_line_that_is_none_has_its_number()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        File.Delete(folder.Summary);
        Directory.CreateDirectory(folder.Summary);
        File.WriteAllLines(folder.Steps, [.. File.ReadAllLines(folder.Steps).Take(3), "nonsense"]);
        Assert.Equal(
            [
                "steps.jsonl: line 4 is malformed, and is left out.",
                "summary.json is a folder, not a file. Move it away, or remove it.",
            ],
            Follow(folder).Look().Flaws.Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("format = 99\nname = \"x\"\nnew_key = 1\n")]
    [InlineData("this is no TOML")]
    [InlineData("")]
    public void A_spec_of_another_version_costs_the_spec_alone(string spec)
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        File.WriteAllText(folder.Spec, spec);
        var run = Follow(folder).Look();
        Assert.Equal(21, run.Steps.Count);
        Assert.NotNull(run.Summary);
        if (spec.Length > 0)
            Assert.Contains(run.Flaws, flaw => flaw.StartsWith("spec.toml", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("summary.json", "{")]
    [InlineData("environment.json", "[]")]
    public void A_damaged_file_is_named_and_the_rest_is_shown(string name, string text)
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticFolder.Write(place["a"], SyntheticRun.Usual(20));
        File.WriteAllText(Path.Combine(folder.Path, name), text);
        var run = Follow(folder).Look();
        Assert.Contains(run.Flaws, flaw => flaw.StartsWith(name, StringComparison.Ordinal));
        Assert.Equal(21, run.Steps.Count);
    }

    [Fact]
    public void Looks_that_follow_closely_read_the_files_once()
    {
        using var place = new TemporaryFolder();
        var data = SyntheticRun.Usual(40);
        var folder = SyntheticFolder.Write(place["a"], data with { Steps = [.. data.Steps.Take(10)] });
        var live = Follow(folder);
        live.Look();
        SyntheticFolder.Lines(folder.Steps, data.Steps.Skip(10));
        Assert.Equal(10, live.Look().Steps.Count);
        Assert.Equal(41, Next(live).Steps.Count);
    }

    private LiveRun Follow(RunFolder folder) => new("a", folder, _clock);

    private RunSnapshot Next(LiveRun live)
    {
        _clock.Pass(TimeSpan.FromSeconds(1));
        return live.Look();
    }
}

/// <summary>A clock that stands still unless told.</summary>
internal sealed class Moments : TimeProvider
{
    private long _ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Pass(TimeSpan time) => _ticks += time.Ticks;
}
