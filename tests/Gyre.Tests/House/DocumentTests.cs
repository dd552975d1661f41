using System.Globalization;
using System.Text;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>Documents that say what the code says.</summary>
public class DocumentTests
{
    [Fact]
    public void Every_key_of_a_spec_is_documented_as_the_schema_has_it()
    {
        var path = Path.Combine(Source.Root, "docs", "spec.md");
        var expected = SpecDocument();
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Every_field_of_a_record_is_in_the_formats_document()
    {
        var text = File.ReadAllText(Path.Combine(Source.Root, "docs", "formats.md"));
        Type[] records =
        [
            typeof(StepRecord),
            typeof(CurvatureRecord),
            typeof(RotationRecord),
            typeof(EventRecord),
            typeof(TimingRecord),
            typeof(SessionRecord),
            typeof(SummaryRecord),
            typeof(CycleRecord),
            typeof(FlatteningRecord),
            typeof(RotationSummary),
            typeof(EnvironmentRecord),
            typeof(TraceRecord),
        ];
        Type[] sweeps = [typeof(SweepPlanRecord), typeof(SweepCellRecord), typeof(ProbeRecord), typeof(SweepLogRecord)];
        // The sweep folder has a part of its own: a field that only a run's part names does not count there.
        var sweepPart = text[text.IndexOf("# The sweep folder", StringComparison.Ordinal)..];
        var missing =
            from record in records.Concat(sweeps)
            from property in record.GetProperties()
            let name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)
            where
                property.Name != "EqualityContract"
                && !(sweeps.Contains(record) ? sweepPart : text).Contains($"`{name}`", StringComparison.Ordinal)
            select $"{record.Name}.{name}";
        Assert.Empty(missing);
    }

    [Fact]
    public void The_two_commands_of_the_readme_are_the_ones_that_work()
    {
        var readme = File.ReadAllText(Path.Combine(Source.Root, "README.md"));
        Assert.Contains("dotnet run -c Release --project src/Gyre.App -- run", readme, StringComparison.Ordinal);
        Assert.Contains("dotnet test", readme, StringComparison.Ordinal);
    }

    private static string SpecDocument()
    {
        var text = new StringBuilder(
            """
            # The spec

            A spec is a TOML file, or a preset inside the program (`gyre spec` lists them). What it leaves out has the default below; `gyre spec FILE` prints it whole (a sweep as it is
            written). A key that is set and that nothing uses, such as a momentum of gd, is told in a note.
            Any key can be set from the command line: `--set training.learning_rate=0.3`. Every mistake is reported at once. This table is written from the program's own.

            | key | default | allowed | meaning |
            | --- | --- | --- | --- |

            """
        );
        foreach (var key in SpecSchema.Keys)
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{key.Path}` | {Default(key)} | {key.Allowed} | {key.Help} |\n"
            );
        return text.Append(SweepDocument).ToString();
    }

    /// <summary>The example in it is run through the reader by a test of its own.</summary>
    private const string SweepDocument = """

        # The sweep

        `gyre sweep` takes a spec with a section `[sweep]`; all other keys are those of its runs. What it leaves out has the default below. `gyre sweep FILE --dry-run` prints the cells, the time and the disk they take, and writes nothing.

        | key | default | meaning |
        | --- | --- | --- |
        | `sweep.axes.KEY` | none | values of any key of the table above but `name`, `seed`, `threads` and `[fork]`: a list, or a table of `values` or of a range. Every combination of the axes' values is a cell for every seed |
        | `sweep.axes.KEY.from`, `.to`, `.count` | | a range of numbers, both ends among them |
        | `sweep.axes.KEY.spacing` | `"log"` | log or linear |
        | `sweep.axes.KEY.unit` | `"absolute"` | edge: multiples of 2/S(theta_0), measured for each seed before the plan; `training.learning_rate` alone. Rates made from it, and from a range, have four digits |
        | `sweep.seeds` | `1` | so many seeds, from the spec's `seed` on, or a list of them. All combinations are run with the same seeds: cells are paired by them |
        | `sweep.reductions` | `[]` | branches, each of one moment, `step` or `time` (training time), and one new rate, `learning_rate`, `factor` (of the rate before) or `edge_units`. `parents` lists the rates, as the axis has them, whose cells branch; without it every cell whose rate is above the new one does. The steps before are trained once: the branch forks from its parent's checkpoint |
        | `sweep.ladder` | none | one large rate, reduced to a small one at several moments, as the paper measures flattening ([theory.md](theory.md)): `{ large = 0.5, small = 0.025, moments = [0, 8, 16], unit = "edge" }`. The large and the small rate are also run throughout, beside the rates of the axes |
        | `sweep.ladder.large`, `.small` | | the rate before, and the rate after or a list of them; the small one must be below the threshold at the start |
        | `sweep.ladder.moments` | | training times of the reduction: a list, or a range of `from`, `to`, `count` and `spacing`; 0, never large, is there whether or not it is given |
        | `sweep.ladder.unit` | that of the rates' axis, else `"absolute"` | absolute or edge |
        | `sweep.ladder.until.loss`, `.accuracy`, `.sharpness_fallen` | `0` | what `training.until` is for the branches; the rates throughout go to their end, so that a branch is compared with them at equal training time |
        | `sweep.retries` | `1` | how often a cell whose process died is started again, from its checkpoint |

        Warmup, cosine and step decay are keys of the runs (`training.warmup`, `training.decay`), and can be axes. A reduction goes together with a warmup, not with a decay or a schedule of the runs.

            name = "mine"

            [data]
            samples = 500

            [training]
            time = 20                    # the same training time at every rate

            [curvature]
            every_time = 2               # measured at the same times

            [sweep]
            seeds = 3
            reductions = [{ time = 8, edge_units = 0.05, parents = [0.8] }]

            [sweep.axes]
            training.learning_rate = { from = 0.05, to = 0.8, count = 5, spacing = "log", unit = "edge" }
            model.activation = ["relu", "tanh"]

        Twelve rates and reductions, three seeds: 36 cells. Adding a value, a seed or a reduction later runs only the cells that are new.
        A sweep refuses settings that would leave out cells that have begun, such as another `training.steps` or a
        removed value. It lists those cells and the keys that changed. Give the sweep another name, or add `--replace`:
        the sweep then continues with the new plan, and the folders of those cells stay.
        On the command line, `--set sweep.axes.KEY=[...]` takes the place of the axis's list or
        range and keeps its unit, `--set sweep.axes.KEY={...}` takes the place of all of it, and `--set sweep.axes.KEY.count=9` of that part.

        """;

    [Fact]
    public void The_example_of_a_sweep_works_as_it_stands()
    {
        using var folder = new TemporaryFolder();
        var example = SweepDocument
            .Split('\n')
            .SkipWhile(line => line != "    name = \"mine\"")
            .TakeWhile(line => line.Length == 0 || line.StartsWith("    ", StringComparison.Ordinal));
        File.WriteAllLines(folder["mine.toml"], example.Select(line => line.Trim()));
        var sweep = SweepSpecReader.Read(folder["mine.toml"], []);
        var probes = SweepPlanner
            .Probes(sweep, 1)
            .ToDictionary(Probe.Id, spec => new ProbeRecord(Probe.Id(spec), 4, 0, 1000, 0.01, 0.1, 0.1, 1));
        Assert.Equal(36, SweepPlanner.Plan(sweep, 1, probes, "").Cells.Count);
    }

    private static string Default(SpecKey key) =>
        key.Path == "threads"
            ? "processors"
            : key.Default switch
            {
                string text => $"`\"{text}\"`",
                bool flag => flag ? "`true`" : "`false`",
                IReadOnlyList<int> list => $"`[{string.Join(", ", list)}]`",
                IReadOnlyList<RateChange> => "`[]`",
                IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
                _ => "",
            };
}
