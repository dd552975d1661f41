using System.Text;
using Gyre.Lab.RunFiles;
using Tomlyn;
using Tomlyn.Model;

namespace Gyre.Lab.Running;

/// <summary>
/// A run folder at a glance, from its spec and from its summary or the ends of its files. Nothing that grows with the
/// run is read whole.
/// </summary>
internal sealed record RunGlance
{
    private const int TailBytes = 1 << 16;

    /// <summary>The name in its spec, or the name of the folder if the spec has none.</summary>
    public required string Name { get; init; }

    /// <summary>The tags in its spec, for searching.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The learning rate eta at the start; NaN if the spec has none.</summary>
    public double LearningRate { get; init; } = double.NaN;

    /// <summary>The number of planned steps; 0 if the spec has none.</summary>
    public long Planned { get; init; }

    /// <summary>The summary of the run; null while it is unfinished.</summary>
    public SummaryRecord? Summary { get; init; }

    /// <summary>The number of steps done.</summary>
    public long Steps { get; init; }

    /// <summary>Test accuracy at the last evaluation, 0 to 1; NaN if there is none.</summary>
    public double TestAccuracy { get; init; } = double.NaN;

    /// <summary>
    /// The mean sharpness of the last fifth of a finished run; the latest sharpness of an unfinished one.
    /// </summary>
    public double Sharpness { get; init; } = double.NaN;

    /// <summary>The flaws of a folder that can still be read; empty for a sound one.</summary>
    public string Flaw { get; init; } = "";

    /// <summary>Reads a run folder. Cost: a spec and a summary, or a spec and some kilobytes.</summary>
    /// <exception cref="RunFolderException">A file cannot be read.</exception>
    /// <exception cref="TomlException">The spec is not valid TOML.</exception>
    public static RunGlance Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.Check();
        var text = FolderFile.Text(folder.Spec);
        var glance = Planning(TomlSerializer.Deserialize<TomlTable>(text) ?? [], folder);
        glance = glance with { Flaw = RunCheck.FindSpecFlaw(folder, text) ?? "" };
        glance = folder.ReadSummary() is { } summary ? glance.Finished(folder, summary) : glance.Unfinished(folder);
        return glance with
        {
            Flaw = glance.Flaw.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal),
        };
    }

    private static RunGlance Planning(TomlTable spec, RunFolder folder)
    {
        var (training, keeping) = (Value(spec, "training") as TomlTable, Value(spec, "run") as TomlTable);
        const StringSplitOptions Words = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return new RunGlance
        {
            Name =
                Value(spec, "name") as string
                ?? Path.GetFileName(Path.GetFullPath(folder.Path).TrimEnd(Path.DirectorySeparatorChar)),
            Planned = Value(training, "steps") is long and > 0 and var steps ? steps : 0,
            LearningRate = Value(training, "learning_rate") switch
            {
                double rate => rate,
                long rate => rate,
                _ => double.NaN,
            },
            Tags = Value(keeping, "tags") is string tags ? tags.Split(',', Words) : [],
        };
    }

    private static object? Value(TomlTable? table, string key) =>
        table is not null && table.TryGetValue(key, out var value) ? value : null;

    private RunGlance Finished(RunFolder folder, SummaryRecord summary)
    {
        var beyond = summary.Steps < 0 || (Planned > 0 && summary.Steps > Planned);
        string[] flaws =
        [
            .. Flaw.Length > 0 ? [Flaw] : Array.Empty<string>(),
            .. beyond ? [Beyond(summary)] : Array.Empty<string>(),
            .. RunSeals.Lengths(folder, summary),
        ];
        return this with
        {
            Summary = summary,
            Steps = beyond ? Tail<StepRecord>(folder.Steps).LastOrDefault()?.Step ?? 0 : summary.Steps,
            TestAccuracy = summary.FinalTestAccuracy ?? double.NaN,
            Sharpness = summary.FinalSharpness,
            Flaw = string.Join(' ', flaws),
        };
    }

    private string Beyond(SummaryRecord summary) =>
        FormattableString.Invariant(
            $"summary.json: steps = {summary.Steps} is not from 0 to the {Planned} of the spec"
        );

    private RunGlance Unfinished(RunFolder folder)
    {
        var (steps, measured) = (Tail<StepRecord>(folder.Steps), Tail<CurvatureRecord>(folder.Curvature));
        return this with
        {
            Steps = steps.LastOrDefault()?.Step ?? 0,
            TestAccuracy = steps.LastOrDefault(step => step.TestAccuracy is not null)?.TestAccuracy ?? double.NaN,
            Sharpness = measured.LastOrDefault()?.Sharpness ?? double.NaN,
            Flaw = Flaw.Length > 0 ? Flaw : folder.SummaryFlaw() ?? "",
        };
    }

    /// <summary>Returns the complete records among a file's last bytes.</summary>
    private static List<T> Tail<T>(string path)
        where T : class
    {
        if (!File.Exists(path))
            return [];
        using var stream = FolderFile.Open(path);
        stream.Seek(-Math.Min(TailBytes, stream.Length), SeekOrigin.End);
        var bytes = new byte[TailBytes];
        var read = stream.ReadAtLeast(bytes, TailBytes, throwOnEndOfStream: false);
        var lines = Encoding.UTF8.GetString(bytes, 0, read).Split('\n');
        return [.. lines.Select(line => RunJson.Read<T>(Encoding.UTF8.GetBytes(line))).OfType<T>()];
    }
}
