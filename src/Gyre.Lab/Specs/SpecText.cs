using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gyre.Lab.Specs;

/// <summary>
/// Writes a resolved spec with every key in the schema's order, so that equal specs are equal text, and derives the ID
/// from it.
/// </summary>
internal static class SpecText
{
    /// <summary>Version of the run folder's format, the first line of its spec.toml.</summary>
    public const int Format = 1;

    /// <summary>Returns the whole spec as TOML.</summary>
    public static string Write(RunSpec spec)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"format = {Format}\n");
        var section = "";
        foreach (var key in SpecSchema.Keys)
        {
            var dot = key.Path.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && key.Path[..dot] != section)
                text.Append(CultureInfo.InvariantCulture, $"\n[{section = key.Path[..dot]}]\n");
            text.Append(CultureInfo.InvariantCulture, $"{key.Path[(dot + 1)..]} = {Value(key.Get(spec))}\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// Returns ten hexadecimal digits of the SHA-256 of everything that can change a result: the whole spec without its
    /// name, the memory budgets, whether a module's author is trusted, the training time (which determines the
    /// steps), and the sections [run] and [fork] ([fork] counts if the parent's sums ran over other chunks). If files
    /// have a checksum, it counts instead of their path. Keys of later versions count only if a run of an earlier
    /// version would differ (tf32 on, follow-ups, conditions that end a run, data of files, weights, checkpoints, a
    /// chosen output), so that earlier runs keep their IDs.
    /// </summary>
    public static string Id(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var deciding = SpecSchema
            .Keys.Where(key => Decides(key, spec))
            .Select(key => $"{key.Path}={Value(key.Get(spec))}\n");
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"format={Format}\n" + string.Concat(deciding)))
        )[..10];
    }

    private static bool Decides(SpecKey key, RunSpec spec) =>
        key.Path switch
        {
            "name" or "objective.cache_mb" or "data.memory_mb" or "training.time" or "model.trusted" => false,
            "tf32" => spec.Tf32,
            "data.sha256" => spec.Data.Checksum.Length > 0,
            "data.path" => spec.Data.Checksum.Length == 0, // the files' content counts, not their location
            "model.file" => spec.Model.Checksum.Length == 0,
            "model.output" => spec.Model.Output.Length > 0,
            "model.weights" => spec.Model is { Weights.Length: > 0, WeightsChecksum.Length: 0 },
            "model.weights_sha256" or "model.weights_partial" => spec.Model.Weights.Length > 0,
            var path when path.StartsWith("curvature.follow", StringComparison.Ordinal) => spec.Curvature.Follow.On,
            var path when path.StartsWith("training.until.", StringComparison.Ordinal) => spec.Training.Until.Any,
            var path when path.StartsWith("run.", StringComparison.Ordinal) => false,
            "training.steps" => spec.Measured is null || spec.Training.Decay == DecayNames.Cosine,
            "measured.sources" => spec.Measured is not null, // checkpoints are added as the training continues
            var path when path.StartsWith("measured.", StringComparison.Ordinal) => false,
            var path when path.StartsWith("fork.", StringComparison.Ordinal) => spec.Fork is { OtherChunk: true },
            _ => true,
        };

    /// <summary>Returns the keys whose values give the two specs different IDs, with both values.</summary>
    internal static IReadOnlyList<(string Key, string One, string Other)> Differences(RunSpec one, RunSpec other) =>
        [
            .. SpecSchema
                .Keys.Where(key => Decides(key, one) || Decides(key, other))
                .Select(key => (key.Path, One: Value(key.Get(one)), Other: Value(key.Get(other))))
                .Where(pair => pair.One != pair.Other),
        ];

    /// <summary>Returns the value of a key in a spec.</summary>
    /// <exception cref="ArgumentException">There is no such key.</exception>
    public static string ValueOf(RunSpec spec, string path)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Value(SpecSchema.Get(path).Get(spec));
    }

    internal static string Value(object value) =>
        value switch
        {
            string text => Quoted(text),
            bool flag => flag ? "true" : "false",
            int whole => whole.ToString(CultureInfo.InvariantCulture),
            double number => Number(number),
            IReadOnlyList<int> list => $"[{string.Join(", ", list)}]",
            IReadOnlyList<double> list => $"[{string.Join(", ", list.Select(Number))}]",
            IReadOnlyList<string> texts => $"[{string.Join(", ", texts.Select(Quoted))}]",
            IReadOnlyList<RateChange> changes => $"[{string.Join(", ", changes.Select(Change))}]",
            _ => throw new ArgumentException($"{value.GetType()} cannot be written as TOML.", nameof(value)),
        };

    private static string Quoted(string text) => $"\"{string.Concat(text.Select(Escaped))}\"";

    private static string Change(RateChange change) =>
        $"{{ step = {change.Step}, learning_rate = {Number(change.LearningRate)} }}";

    private static string Escaped(char letter) =>
        letter switch
        {
            '\\' => "\\\\",
            '"' => "\\\"",
            < ' ' or '\u007f' => $"\\u{(int)letter:x4}",
            _ => letter.ToString(),
        };

    /// <summary>
    /// Formats with the fewest digits that read back to the same number, always with a point or an exponent, as TOML
    /// requires for floats.
    /// </summary>
    public static string Number(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        var digits = number.ToString("R", CultureInfo.InvariantCulture);
        return digits.AsSpan().ContainsAny(".eE") ? digits.Replace("E", "e", StringComparison.Ordinal) : digits + ".0";
    }
}
