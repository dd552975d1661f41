using System.Text.Json;

namespace Gyre.Torch.Exported;

/// <summary>
/// Reads fields of the schema's JSON. A missing or unsuitable field throws a <see cref="FormatException"/>.
/// </summary>
internal static class SchemaJson
{
    /// <summary>Returns a required field.</summary>
    public static JsonElement Get(JsonElement element, string name) =>
        Find(element, name) ?? throw new FormatException($"\"{name}\" is missing");

    /// <summary>Returns a field, or null if it is missing or null.</summary>
    public static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var found)
        && found.ValueKind != JsonValueKind.Null
            ? found
            : null;

    public static string Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String
            ? element.GetString()!
            : throw new FormatException($"a string was expected, not {element.ValueKind}");

    public static long Whole(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number)
            ? number
            : throw new FormatException(
                $"a whole number was expected, not {PlainText.Clipped(element.ToString(), 40)}"
            );

    /// <summary>Returns a number, which may be one of the strings for infinities and NaN.</summary>
    public static double Number(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Number => element.GetDouble(),
            JsonValueKind.String => element.GetString() switch
            {
                "Infinity" or "inf" => double.PositiveInfinity,
                "-Infinity" or "-inf" => double.NegativeInfinity,
                "NaN" or "nan" => double.NaN,
                _ => throw new FormatException("a number was expected, not a string"),
            },
            _ => throw new FormatException($"a number was expected, not {element.ValueKind}"),
        };

    public static IEnumerable<JsonElement> List(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray()
            : throw new FormatException($"a list was expected, not {element.ValueKind}");
}
