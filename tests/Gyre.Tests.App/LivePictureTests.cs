using Gyre.App.Live;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Spectre.Console;

namespace Gyre.Tests.App;

/// <summary>The live view, from files written line by line under a clock that the test turns.</summary>
public sealed class LivePictureTests : IDisposable
{
    private static readonly RunSpec Spec = SpecReader.Read("quick", ["training.steps=100000"]);

    private readonly TemporaryFolder _folder = new();
    private readonly Clock _clock = new();
    private readonly RunFolder _run;
    private readonly RunProgress _progress;

    public LivePictureTests()
    {
        _run = new RunFolder(_folder.Path);
        _progress = new RunProgress(Spec, _run, _clock);
    }

    [Fact]
    public void Before_the_first_step_it_says_that_it_waits()
    {
        Assert.False(_progress.Poll());
        var lines = Lines();
        Assert.Contains("waiting for the first step", lines[2], StringComparison.Ordinal);
        Assert.Contains("step 0/100000", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void It_shows_where_the_run_is_and_how_long_it_takes_in_80_columns()
    {
        Steps(0, 1);
        _progress.Poll();
        _clock.Turn(TimeSpan.FromSeconds(2));
        Steps(2, 21);
        Measure(20, 12.5, 4);
        Event(20, "onset", 1);
        _progress.Poll();
        var lines = Lines(stopping: true);
        Assert.All(lines, line => Assert.True(line.Length <= 80, $"{line.Length} columns: {line}"));
        Assert.Contains("step 21/100000  2:46:37 left", lines[0], StringComparison.Ordinal); // 99,979 steps at 0.1 s
        Assert.Contains("loss       0.5000     train 75.0 %", lines[2], StringComparison.Ordinal);
        Assert.Contains(
            "sharpness  12.50      3.1250 × threshold  in instability 1",
            lines[3],
            StringComparison.Ordinal
        );
        Assert.Contains("0.250 ± 0.050   1 − overlap, one step apart", lines[4], StringComparison.Ordinal);
        Assert.Contains("0.250 ± 0.050   1 − overlap, 10 steps apart", lines[5], StringComparison.Ordinal);
        Assert.Contains("17 Hessian-vector products", lines[6], StringComparison.Ordinal);
        Assert.Contains("Ctrl-C again", lines[7], StringComparison.Ordinal);
    }

    [Fact]
    public void An_instability_closes_and_the_next_opens()
    {
        Steps(0, 1);
        Measure(1, 5, 4);
        Event(1, "onset", 1);
        Event(1, "peak", 1);
        Event(2, "resolution", 1);
        _progress.Poll();
        Assert.Contains("1 instability, resolved", LivePicture.Plain(_progress), StringComparison.Ordinal);
        Event(3, "onset", 2);
        _progress.Poll();
        Assert.Contains("in instability 2", LivePicture.Plain(_progress), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_is_never_rounded_to_nothing()
    {
        Measure(
            0,
            2,
            4,
            new RotationRecord(1, 0.998, 0.9979, 0.9981, 0.002, 0.01, [0.8], [0.7], [0.9], [0.8], [0], [0.8])
        );
        Steps(0, 0);
        _progress.Poll();
        Assert.Contains("flip 0.002 ± 0.001", LivePicture.Plain(_progress), StringComparison.Ordinal);
    }

    [Fact]
    public void The_history_is_the_largest_ratio_in_each_part_of_the_run()
    {
        Measure(0, 2, 4);
        Measure(100, 3, 4);
        Measure(60_000, 8, 4);
        Measure(100_000, 1, 4);
        _progress.Poll();
        Assert.Equal([0.75, double.NaN, 2, 0.25], _progress.RatioHistory(4));
    }

    [Fact]
    public void What_an_earlier_process_wrote_says_nothing_of_the_pace()
    {
        Steps(0, 500);
        _progress.Poll();
        _clock.Turn(TimeSpan.FromMinutes(5));
        Steps(501, 501);
        _progress.Poll();
        Assert.Null(_progress.Left);
        _clock.Turn(TimeSpan.FromSeconds(1));
        Steps(502, 511);
        _progress.Poll();
        Assert.Equal((100_000 - 511) * 0.1, _progress.Left!.Value.TotalSeconds, 1.0);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.7e300)]
    [InlineData(0)]
    public void Numbers_of_a_diverging_run_keep_to_80_columns(double wild)
    {
        Append(_run.Steps, new StepRecord(0, wild, 0.1, wild, 0.5, wild, 0.1));
        Measure(0, wild, 1e-9);
        _progress.Poll();
        Assert.All(Lines(), line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain('\n', LivePicture.Plain(_progress));
    }

    [Fact]
    public void Progress_of_a_run_without_a_terminal_is_at_most_one_line_a_second_and_ends_with_the_last_step()
    {
        using var writer = new StringWriter();
        var polls = 0;
        bool Running()
        {
            Steps(polls, polls);
            _clock.Turn(TimeSpan.FromSeconds(0.3));
            return ++polls < 12;
        }
        new LiveView(Console(writer), _clock).Follow(_progress, Running, CancellationToken.None);
        var lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length); // at 0.3, 1.5 and 2.7 s, and the last
        Assert.StartsWith("step 11/100000", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(writer.ToString(), letter => char.IsControl(letter) && letter != '\n');
    }

    public void Dispose() => _folder.Dispose();

    private string[] Lines(bool stopping = false)
    {
        using var writer = new StringWriter();
        Console(writer).Write(LivePicture.Draw(_progress, stopping));
        return [.. writer.ToString().Split('\n').Select(line => line.TrimEnd())];
    }

    private static IAnsiConsole Console(TextWriter writer)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(writer),
            }
        );
        console.Profile.Width = 80;
        return console;
    }

    private void Steps(int from, int to)
    {
        for (var step = from; step <= to; step++)
            Append(_run.Steps, new StepRecord(step, 0.5, 0.75, 0.1, 0.5));
    }

    private void Measure(long step, double sharpness, double threshold, RotationRecord? flip = null) =>
        Append(
            _run.Curvature,
            SampleRecords.Curvature(step, 0, sharpness) with
            {
                Threshold = threshold,
                Flip = flip ?? Rotation(1),
                Drift = Rotation(10),
            }
        );

    private static RotationRecord Rotation(int lag) =>
        new(lag, 0.75, 0.7, 0.8, 0.25, 0.01, [0.8], [0.7], [0.9], [0.8], [0], [0.8]);

    private void Event(long step, string kind, int cycle) => Append(_run.Events, new EventRecord(step, kind, cycle));

    private static void Append<T>(string path, T record) =>
        File.AppendAllText(path, System.Text.Encoding.UTF8.GetString(RunJson.ToLine(record)) + "\n");

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Turn(TimeSpan by) => _now += by.Ticks;
    }
}
