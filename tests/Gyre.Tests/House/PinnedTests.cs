using System.Text;
using System.Text.Json;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>
/// What users have on disk and in scripts, and no change of structure may move: ids, bytes and fields. The files are
/// those of a float64 network of two numbers, rounded so that they are the same on every machine
/// (<see cref="PortableHash"/>).
/// </summary>
public sealed class PinnedTests : IDisposable
{
    private const string Pins = "tests/Gyre.Tests/House/Pins/";

    /// <summary>
    /// Two data points, two layers of one number; bursts of three, rotation, checkpoints, a reduced rate, the smallest
    /// eigenvalue.
    /// </summary>
    private static readonly string[] Diagonal =
    [
        "threads=1",
        "training.schedule=[{step=60,factor=0.5}]",
        "run.checkpoint_at=[40]",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_of_every_preset_keep_their_folders_names()
    {
        var names = Directory
            .GetFiles(Path.Combine(Source.Root, "experiments"), "*.toml")
            .Select(Path.GetFileNameWithoutExtension)
            .Order(StringComparer.Ordinal);
        Pin.Check(
            Pins + "folders.txt",
            string.Concat(names.SelectMany(name => Folders(name!)).Select(line => line + "\n"))
        );
    }

    [Fact]
    public void A_run_keeps_its_bytes()
    {
        var spec = SpecReader.Read("diagonal", Diagonal);
        Run.Execute(spec, new RunFolder(_folder["run"]), "test", TimeProvider.System, CancellationToken.None);
        Pin.Check(Pins + "run.txt", Hashes("run"));
    }

    [Fact]
    public void A_run_that_is_stopped_and_resumed_keeps_its_bytes()
    {
        var spec = SpecReader.Read("diagonal", Diagonal);
        var sessions = 0;
        for (var end = RunEnd.Interrupted; end == RunEnd.Interrupted && sessions < 80; sessions++)
        {
            using var stop = new CancellationTokenSource();
            end = Run.Execute(
                spec,
                new RunFolder(_folder["run"]),
                "test",
                new StopsAfterReadings(stop, 40),
                stop.Token
            );
        }
        Assert.InRange(sessions, 3, 79);
        Pin.Check(Pins + "run.txt", Hashes("run"));
    }

    [Fact]
    public void A_fork_keeps_its_bytes()
    {
        var parent = SpecReader.Read("diagonal", Diagonal);
        var folder = Run.FolderName(parent);
        Run.Execute(parent, new RunFolder(_folder[folder]), "test", TimeProvider.System, CancellationToken.None);
        var child = SpecReader.Read(
            "diagonal",
            ["threads=1", "training.schedule=[{step=40,learning_rate=0.05}]", $"fork.parent={folder}", "fork.step=40"]
        );
        Run.Execute(child, new RunFolder(_folder["fork"]), "test", TimeProvider.System, CancellationToken.None);
        Pin.Check(Pins + "fork.txt", Hashes("fork"));
    }

    [Fact]
    public void Every_field_of_a_file_keeps_its_name()
    {
        var shapes = FileRecords.All.Select(Shape).Order(StringComparer.Ordinal).Distinct();
        Pin.Check(Pins + "fields.txt", string.Concat(shapes.Select(shape => shape + "\n")));
    }

    /// <summary>Of a sweep the folders of all its cells, as if every initialisation had sharpness 4.</summary>
    private static IEnumerable<string> Folders(string preset)
    {
        if (!SweepSpecReader.IsSweep(preset))
            return [$"{preset}: {Run.FolderName(SpecReader.Read(preset, ["threads=1"]))}"];
        var sweep = SweepSpecReader.Read(preset, []);
        var probes = SweepPlanner
            .SpecsToCalibrate(sweep, 1)
            .ToDictionary(Calibration.Id, spec => SampleRecords.Calibration(Calibration.Id(spec)));
        return SweepPlanner
            .Plan(sweep, 1, probes, "")
            .Cells.Select(cell => $"{preset}: {cell.Record.Folder} {cell.Record.Parent}".TrimEnd());
    }

    private string Hashes(string run)
    {
        var folder = new RunFolder(_folder[run]);
        string[] files = [folder.Spec, .. folder.Replayed, folder.Summary];
        return string.Concat(files.Select(file => $"{Path.GetFileName(file)} {PortableHash.Compute(file)}\n"));
    }

    /// <summary>Its fields in their order: a record's name is not on disk, and may change.</summary>
    private static string Shape(Type record)
    {
        var text = new StringBuilder();
        foreach (var property in FileRecords.Fields(record))
            text.Append(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)).Append(' ');
        return text.ToString().TrimEnd();
    }
}
