using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Tests.TestKit;

/// <summary>Run folders on disk with records that never were.</summary>
internal static class SyntheticFolder
{
    /// <summary>Writes a run: its spec is the preset quick with what is set, its lines are those of the data.</summary>
    /// <param name="path">Of the folder.</param>
    /// <param name="data">Records; without a summary the run is unfinished.</param>
    /// <param name="sets">Keys of the spec.</param>
    public static RunFolder Write(string path, RunFigureData data, params string[] sets)
    {
        var folder = new RunFolder(path);
        var last = data.Steps.Select(step => step.Step).Append(data.Summary?.Steps ?? 1).Max();
        folder.Create(SpecText.Write(SpecReader.Read("quick", [$"training.steps={last}", .. sets])), Environment);
        Lines(folder.Steps, data.Steps);
        Lines(folder.Curvature, data.Curvature);
        Lines(folder.Events, data.Events);
        Lines(
            folder.Timings,
            data.Steps.Select(step => new TimingRecord(
                step.Step,
                0.004,
                step.Step % 10 == 0 ? 0.05 : 0,
                0.001,
                0.0005,
                0.06
            ))
        );
        Lines(folder.Sessions, [new SessionRecord(DateTimeOffset.UnixEpoch, "started", 0, 4711)]);
        if (data.Summary is { } summary)
            File.WriteAllText(folder.Summary, RunJson.Pretty(summary));
        return folder;
    }

    /// <summary>Adds lines to a file, as a run does.</summary>
    public static void Lines<T>(string path, IEnumerable<T> records)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        foreach (var record in records)
        {
            stream.Write(RunJson.ToLine(record));
            stream.WriteByte((byte)'\n');
        }
    }

    /// <summary>
    /// Writes a burst's eigenvectors as a run keeps them, byte by byte: nothing here may load libtorch.
    /// </summary>
    public static void Vectors(RunFolder folder, long step, float[][] vectors)
    {
        Directory.CreateDirectory(folder.Eigenvectors);
        var (count, length) = (vectors.Length, vectors[0].Length);
        var tensor = FormattableString.Invariant(
            $$"""{"dtype":"F32","shape":[{{count}},{{length}}],"data_offsets":[0,{{4 * count * length}}]}"""
        );
        var header = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"__metadata__":{"format":"1","kind":"whole"},"vectors":{{tensor}}}"""
        );
        using var stream = new BinaryWriter(
            File.Create(Path.Combine(folder.Eigenvectors, FormattableString.Invariant($"step-{step:D6}.safetensors")))
        );
        stream.Write((long)header.Length);
        stream.Write(header);
        foreach (var number in vectors.SelectMany(vector => vector))
            stream.Write(number);
    }

    private static EnvironmentRecord Environment { get; } =
        new(
            1,
            "0.0.0+abc",
            "10.0.0",
            "an <os>",
            2,
            1,
            "cpu",
            "2.10.0",
            "",
            true,
            "gyre run quick",
            0,
            DateTimeOffset.UnixEpoch
        );
}
