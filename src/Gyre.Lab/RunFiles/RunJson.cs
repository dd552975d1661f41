using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// How records become JSON: snake_case, shortest digits that read back to the same number, null where a number is not
/// finite.
/// </summary>
internal static class RunJson
{
    /// <summary>One record a line.</summary>
    public static JsonSerializerOptions Line { get; } = Make(indented: false);

    private static readonly JsonSerializerOptions ForFiles = Make(indented: true);

    /// <summary>The same for records of another program part, indented.</summary>
    /// <param name="further">Knows those records; what it does not know is looked for among the records of
    /// folders.</param>
    public static JsonSerializerOptions Indented(IJsonTypeInfoResolver further) =>
        new(ForFiles) { TypeInfoResolver = JsonTypeInfoResolver.Combine(further, RunJsonContext.Default) };

    /// <summary>Writes text to a file that a user named: see <see cref="NamedFile"/>.</summary>
    /// <returns>The path.</returns>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public static string Save(string path, string text)
    {
        NamedFile.Write(path, text);
        return path;
    }

    /// <summary>A record as one line, without its end.</summary>
    public static byte[] ToLine<T>(T record) =>
        JsonSerializer.SerializeToUtf8Bytes(record, (JsonTypeInfo<T>)Line.GetTypeInfo(typeof(T)));

    /// <summary>A record for a file of its own.</summary>
    public static string Pretty<T>(T record) =>
        JsonSerializer.Serialize(record, (JsonTypeInfo<T>)ForFiles.GetTypeInfo(typeof(T))) + "\n";

    /// <summary>Reads what the others wrote; null where it is not such a record.</summary>
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

    /// <summary>The version that a record says it has, where that is newer than this program's; else null.</summary>
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
            RespectRequiredConstructorParameters = true, // a line without its loss is no line with a loss of 0
        };
        options.Converters.Add(new FiniteOrNull());
        return options;
    }

    /// <summary>JSON has no NaN and no infinity.</summary>
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
