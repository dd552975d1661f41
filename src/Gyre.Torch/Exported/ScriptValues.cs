using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// Writes the values of a graph as TorchScript expressions. No text of the file becomes code: names are replaced by
/// generated names, and strings are quoted.
/// </summary>
/// <param name="names">The variable for each name of the graph.</param>
/// <param name="dtype">The dtype in which real numbers are computed, whatever the exporter recorded.</param>
/// <param name="device">The device on which tensors are created.</param>
internal sealed partial class ScriptValues(IReadOnlyDictionary<string, string> names, ScalarType dtype, string device)
{
    private const int PreserveFormat = 1;

    /// <summary>Maps the schema's codes for memory formats to those of libtorch.</summary>
    private static readonly Dictionary<long, int> MemoryFormats = new()
    {
        [1] = 0,
        [2] = 2,
        [3] = 3,
        [4] = PreserveFormat,
    };

    private readonly HashSet<ScalarType> _converted = [];

    /// <summary>The dtypes of real numbers that the graph specifies and that were replaced.</summary>
    public IReadOnlyCollection<ScalarType> Converted => _converted;

    /// <summary>Returns the expression for a value.</summary>
    /// <exception cref="FormatException">The kind is unknown, or its content does not match it.</exception>
    public string Write(GraphValue value) =>
        value.Kind switch
        {
            "as_none" => "None",
            "as_tensor" => Name(SchemaJson.Text(SchemaJson.Get(value.Value, "name"))),
            "as_tensors" => $"annotate(List[Tensor], {WriteList(value.Value, one => Name(TextOf(one, "name")))})",
            "as_optional_tensor" => WriteOptional(value.Value),
            "as_optional_tensors" => $"annotate(List[Optional[Tensor]], {WriteList(value.Value, WriteOptional)})",
            "as_int" => WriteWhole(value.Value),
            "as_ints" => $"annotate(List[int], {WriteList(value.Value, WriteWhole)})",
            "as_float" => WriteReal(value.Value),
            "as_floats" => $"annotate(List[float], {WriteList(value.Value, WriteReal)})",
            "as_bool" => WriteFlag(value.Value),
            "as_bools" => $"annotate(List[bool], {WriteList(value.Value, WriteFlag)})",
            "as_string" => Quoted(SchemaJson.Text(value.Value)),
            "as_sym_int" or "as_sym_float" or "as_sym_bool" => WriteSymbol(value.Value),
            "as_sym_ints" => $"annotate(List[int], {WriteList(value.Value, WriteSymbol)})",
            "as_sym_floats" => $"annotate(List[float], {WriteList(value.Value, WriteSymbol)})",
            "as_scalar_type" => WriteDtype(SchemaJson.Whole(value.Value)),
            "as_memory_format" => MemoryFormats
                .GetValueOrDefault(SchemaJson.Whole(value.Value), PreserveFormat)
                .ToString(CultureInfo.InvariantCulture),
            "as_layout" => WriteLayout(SchemaJson.Whole(value.Value)),
            "as_device" => $"torch.device(\"{device}\")",
            "as_complex" => throw new FormatException("complex numbers are not supported"),
            _ => throw new FormatException($"an argument has the unknown kind {PlainText.Clipped(value.Kind, 40)}"),
        };

    /// <summary>Returns the variable for a name.</summary>
    /// <exception cref="FormatException">No earlier node computes it.</exception>
    public string Name(string name) =>
        names.TryGetValue(name, out var variable)
            ? variable
            : throw new FormatException($"{PlainText.Clipped(name, 80)} is used before it is computed");

    /// <summary>Returns a named argument, such as <c>dim=0</c>.</summary>
    /// <exception cref="FormatException">The name cannot be the name of an argument.</exception>
    public static string Named(string name, string expression) =>
        Identifier().IsMatch(name)
            ? $"{name}={expression}"
            : throw new FormatException($"\"{PlainText.Clipped(name, 80)}\" is not the name of an argument");

    /// <summary>Whether a string is a name that may appear in code.</summary>
    public static bool IsIdentifier(string name) => Identifier().IsMatch(name);

    /// <summary>Returns a real number with a decimal point or an exponent.</summary>
    public static string Real(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    private static string WriteList(JsonElement list, Func<JsonElement, string> write) =>
        $"[{string.Join(", ", SchemaJson.List(list).Select(write))}]";

    private static string TextOf(JsonElement element, string field) => SchemaJson.Text(SchemaJson.Get(element, field));

    private string WriteOptional(JsonElement optional) =>
        SchemaJson.Find(optional, "as_tensor") is { } tensor ? Name(TextOf(tensor, "name")) : "None";

    private static string WriteWhole(JsonElement number) =>
        SchemaJson.Whole(number).ToString(CultureInfo.InvariantCulture);

    private static string WriteReal(JsonElement number) => Real(SchemaJson.Number(number));

    private static string WriteFlag(JsonElement flag) => flag.GetBoolean() ? "True" : "False";

    private string WriteSymbol(JsonElement symbol)
    {
        if (SchemaJson.Find(symbol, "as_name") is { } name)
            return Name(SchemaJson.Text(name));
        if (SchemaJson.Find(symbol, "as_int") is { } whole)
            return WriteWhole(whole);
        if (SchemaJson.Find(symbol, "as_float") is { } real)
            return WriteReal(real);
        return WriteFlag(SchemaJson.Get(symbol, "as_bool"));
    }

    private string WriteDtype(long number)
    {
        var given =
            GraphReader.FindDtype(number) ?? throw new FormatException($"type {number} of the schema is not supported");
        var used = given switch
        {
            ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64 => dtype,
            ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64 => dtype == ScalarType.Float64
                ? ScalarType.ComplexFloat64
                : ScalarType.ComplexFloat32,
            _ => given,
        };
        if (used != given)
            _converted.Add(given);
        return ((int)used).ToString(CultureInfo.InvariantCulture);
    }

    private static string WriteLayout(long layout) =>
        layout == 7 ? "0" : throw new FormatException("sparse tensors are not supported");

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
            quoted.Append(
                letter is >= ' ' and <= '~' and not ('"' or '\\')
                    ? letter.ToString()
                    : throw new FormatException(
                        $"the text \"{PlainText.Clipped(text, 40)}\" contains a character that is not supported"
                    )
            );
        return quoted.Append('"').ToString();
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]*$|^_[A-Za-z0-9_]+$")]
    private static partial Regex Identifier();
}
