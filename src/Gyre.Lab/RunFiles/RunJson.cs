using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Serializes records to JSON: snake_case, the shortest digits that read back to the same number, and null if a
/// number is not finite.
/// </summary>
internal static class RunJson
{
    /// <summary>The options for one record per line.</summary>
    public static JsonSerializerOptions Line { get; } = Make(indented: false);

    private static readonly JsonSerializerOptions ForFiles = Make(indented: true);

    /// <summary>
    /// Returns the options for indented records, extended by record types from another part of the program.
    /// </summary>
    /// <param name="further">Resolves those types; any other type is looked up among the records of folders.</param>
    public static JsonSerializerOptions Indented(IJsonTypeInfoResolver further) =>
        new(ForFiles) { TypeInfoResolver = JsonTypeInfoResolver.Combine(further, RunJsonContext.Default) };

    /// <summary>Writes text to a file whose path the user gave (see <see cref="NamedFile"/>).</summary>
    /// <returns>The path, unchanged.</returns>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public static string Save(string path, string text)
    {
        NamedFile.Write(path, text);
        return path;
    }

    /// <summary>Serializes a record to one line, without the line break.</summary>
    public static byte[] ToLine<T>(T record) =>
        JsonSerializer.SerializeToUtf8Bytes(record, (JsonTypeInfo<T>)Line.GetTypeInfo(typeof(T)));

    /// <summary>Serializes a record for a file of its own.</summary>
    public static string Pretty<T>(T record) =>
        JsonSerializer.Serialize(record, (JsonTypeInfo<T>)ForFiles.GetTypeInfo(typeof(T))) + "\n";

    /// <summary>Parses a serialized record; null if it is not valid.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> utf8)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, (JsonTypeInfo<T>)Line.GetTypeInfo(typeof(T)));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns a record's format version if it is newer than this program's; otherwise null.</summary>
    public static int? NewerFormat(ReadOnlySpan<byte> utf8) =>
        Read<FormatRecord>(utf8) is { Format: > RunFolder.Format and var format } ? format : null;

    private static JsonSerializerOptions Make(bool indented)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            WriteIndented = indented,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = RunJsonContext.Default,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true, // a line without a loss must not read as a loss of 0
        };
        options.Converters.Add(new FiniteOrNull());
        return options;
    }

    /// <summary>Writes null for NaN and infinities, which JSON does not have.</summary>
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}

[JsonSerializable(typeof(StepRecord))]
[JsonSerializable(typeof(CurvatureRecord))]
[JsonSerializable(typeof(EventRecord))]
[JsonSerializable(typeof(TimingRecord))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(SummaryRecord))]
[JsonSerializable(typeof(EnvironmentRecord))]
[JsonSerializable(typeof(FormatRecord))]
[JsonSerializable(typeof(SweepPlanRecord))]
[JsonSerializable(typeof(CalibrationRecord))]
[JsonSerializable(typeof(SweepLogRecord))]
[JsonSerializable(typeof(SubmissionRecord))]
[JsonSerializable(typeof(WorkUnit))]
[JsonSerializable(typeof(TaskNote))]
[JsonSerializable(typeof(AdviceRecord))]
[JsonSerializable(typeof(InspectionRecord))]
[JsonSerializable(typeof(LandscapeRecord))]
[JsonSerializable(typeof(LandscapeGrid))]
[JsonSerializable(typeof(LandscapePoint))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class RunJsonContext : JsonSerializerContext;
