using System.Text.Json;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.RunFiles;

public class RunReaderTests
{
    private const int Lines = 3000;

    private static CurvatureRecord Measurement { get; } =
        SampleRecords.Curvature(step: 7, burst: 1, pairs: 2) with
        {
            Sharpness = double.PositiveInfinity,
            Eigenvalues = [11, 9.5],
            Residuals = [1e-3, double.NaN],
            Gaps = [1.5, 0.1],
            AngleErrorsDegrees = [0.3, null],
            BlockGap = 4,
            BlockAngleErrorDegrees = null,
            LambdaMin = -3,
            LambdaMinResidual = 0.2,
            Products = 12,
            GradientAlignment = 0.8,
            ParticipationRatios = [0.01, 0.02],
            LayerShares = new Dictionary<string, double[]> { ["first.weight"] = [0.7, 0.6] },
            Flip = new(
                1,
                0.5,
                0.4,
                0.6,
                0.5,
                0.01,
                [0.7, 0.6],
                [0.6, 0.5],
                [0.8, 0.7],
                [0.7, 0.6],
                [0, 1],
                [-0.7, 0.6]
            ),
        };

    private static RunFolder Make(TemporaryFolder folder)
    {
        var run = new RunFolder(folder["run"]);
        run.Create(SpecText.Write(SpecReader.Read("quick")), SampleRecords.Environment);
        return run;
    }

    [Fact]
    public void A_line_is_json_that_any_program_reads_with_the_documented_names()
    {
        var line = RunJson.ToLine(Measurement);
        Assert.DoesNotContain((byte)'\n', line);
        using var json = JsonDocument.Parse(line);
        var expected = typeof(CurvatureRecord)
            .GetProperties()
            .Where(property => !property.IsDefined(typeof(System.Text.Json.Serialization.JsonIgnoreAttribute), false))
            .Select(property => property.Name)
            .Where(name => name != "EqualityContract")
            .Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);
        Assert.Equal(expected.Order(), json.RootElement.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("sharpness").ValueKind);
        Assert.Equal(0.6, json.RootElement.GetProperty("layer_shares").GetProperty("first.weight")[1].GetDouble());
        Assert.Equal(-0.7, json.RootElement.GetProperty("flip").GetProperty("polarity")[0].GetDouble());
    }

    [Fact]
    public void Every_file_of_a_run_reads_back()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        using (var writer = new RunWriter(run, new Dictionary<string, long>()))
        {
            writer.Append(new StepRecord(0, 1.25, 0.1, 2, 0.1, TestLoss: 3));
            writer.Append(Measurement);
            writer.Append(new EventRecord(7, "onset", 1, 11, 10, Detail: "„quoted“ \"text\"\nand a second line"));
            writer.Append(new TimingRecord(0, 1, 2, 3, 4, 5));
            writer.Append(new SessionRecord(DateTimeOffset.UnixEpoch, "started", 0, 42));
            writer.Finish(ExportFolders.Summary with { Steps = 0, Measurements = 1 });
        }
        var reader = RunReader.Open(run.Path);
        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(new StepRecord(0, 1.25, 0.1, 2, 0.1, 3), Assert.Single(reader.ReadSteps()));
        Assert.Equal([11, 9.5], Assert.Single(reader.ReadCurvature()).Eigenvalues);
        Assert.True(
            double.IsNaN(reader.ReadCurvature()[0].Sharpness) && double.IsNaN(reader.ReadCurvature()[0].Residuals[1])
        );
        Assert.Equal("„quoted“ \"text\"\nand a second line", Assert.Single(reader.ReadEvents()).Detail);
        Assert.Equal(5, Assert.Single(reader.ReadTimings()).Total);
        Assert.Equal(42, Assert.Single(reader.ReadSessions()).Process);
        Assert.Equal(
            (17.5, 0.2, 6.0),
            (
                reader.ReadSummary()!.ProductsPerMeasurement,
                reader.ReadSummary()!.Flip!.High,
                reader.ReadSummary()!.Cycles[0].OnsetLoss
            )
        );
        Assert.Equal(SampleRecords.Environment, reader.ReadEnvironment());
        Assert.Equal("quick", SpecReader.ReadText(reader.ReadSpecText()).Name);
        Assert.Empty(reader.Flaws());
        Assert.All(Directory.GetFiles(run.Path, "*.json*"), file => Assert.NotEqual(0xEF, File.ReadAllBytes(file)[0]));
    }

    [Fact]
    public async Task A_reader_beside_the_writer_sees_every_line_once_in_order_and_never_a_part()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        using var writer = new RunWriter(run, new Dictionary<string, long>());
        var writing = Task.Run(
            () =>
            {
                for (var step = 0; step < Lines; step++)
                    writer.Append(SampleRecords.Step(step, 1.0 / (step + 1)));
            },
            TestContext.Current.CancellationToken
        );
        var tail = new JsonLinesTail<StepRecord>(run.Steps);
        var seen = new List<StepRecord>();
        while (seen.Count < Lines && !(writing.IsCompleted && new FileInfo(run.Steps).Length == 0))
            seen.AddRange(tail.Poll());
        await writing;
        Assert.Equal(0, tail.Unreadable);
        Assert.Equal(
            Enumerable.Range(0, Lines).Select(step => ((long)step, 1.0 / (step + 1))),
            seen.Select(record => (record.Step, record.Loss))
        );
    }

    [Fact]
    public void Damage_is_passed_over_and_said()
    {
        using var folder = new TemporaryFolder();
        var run = Make(folder);
        Assert.Empty(RunReader.Open(run.Path).Flaws());
        File.WriteAllText(
            run.Steps,
            """{"step":0,"loss":"high"}"""
                + "\n\0\0\0\n[1]\nnull\n"
                + """{"step":4,"loss":1}"""
                + "\n"
                + """{"step":5,"loss":1,"accuracy":0.5,"gradient_norm":2,"learning_rate":0.1}"""
                + "\n{\"step\":6"
        );
        File.WriteAllText(run.Summary, "{");
        File.Delete(run.Environment);
        var reader = RunReader.Open(run.Path);
        Assert.Equal([5L], reader.ReadSteps().Select(step => step.Step));
        Assert.Null(reader.ReadSummary());
        var flaws = reader.Flaws();
        Assert.Equal(3, flaws.Count);
        Assert.Contains("steps.jsonl: 5 lines are", flaws[0], StringComparison.Ordinal);
        Assert.Contains("summary.json", flaws[1], StringComparison.Ordinal);
        Assert.Contains("environment.json", flaws[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_missing_are_empty()
    {
        using var folder = new TemporaryFolder();
        var reader = RunReader.Open(Make(folder).Path);
        Assert.Empty(reader.ReadSteps());
        Assert.Empty(reader.ReadCurvature());
        Assert.Empty(reader.ReadEvents());
        Assert.Empty(reader.ReadTimings());
        Assert.Empty(reader.ReadSessions());
        Assert.Null(reader.ReadSummary());
    }
}
