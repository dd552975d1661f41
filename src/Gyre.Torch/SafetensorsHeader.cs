using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>One tensor of a safetensors file, as described by the header.</summary>
/// <param name="Name">The name, unique in its file.</param>
/// <param name="Dtype">The type of its elements.</param>
/// <param name="Shape">Its sizes, outermost first; empty for a single number.</param>
/// <param name="Offset">The offset of its first byte from the end of the header.</param>
/// <param name="Bytes">Its number of bytes.</param>
internal sealed record SafetensorsEntry(
    string Name,
    ScalarType Dtype,
    IReadOnlyList<long> Shape,
    long Offset,
    long Bytes
);

/// <summary>
/// Represents the JSON header of a safetensors file. Parsing trusts nothing: for any input it terminates and
/// allocates at most in proportion to the header. It either returns entries that tile the data exactly (in range, no
/// overlap, no gap) or throws <see cref="FormatException"/> with a description of the fault.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>
    /// The longest header that readers of the format accept (the reference implementation's limit).
    /// </summary>
    public const int MaxBytes = 100_000_000;

    private const string MetadataName = "__metadata__";
    private const int MaxRank = 64; // libtorch's own limit

    private static readonly Dictionary<ScalarType, string> DtypeNames = new()
    {
        [ScalarType.Float64] = "F64",
        [ScalarType.Float32] = "F32",
        [ScalarType.Float16] = "F16",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Int64] = "I64",
        [ScalarType.Int32] = "I32",
        [ScalarType.Int16] = "I16",
        [ScalarType.Int8] = "I8",
        [ScalarType.Byte] = "U8",
        [ScalarType.Bool] = "BOOL",
    };

    private static readonly Dictionary<string, ScalarType> Dtypes = DtypeNames.ToDictionary(
        pair => pair.Value,
        pair => pair.Key
    );

    private SafetensorsHeader(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Free text about the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The number of bytes of all tensors together.</summary>
    public long DataBytes => Entries.Sum(entry => entry.Bytes);

    /// <summary>Returns the number of bytes of one element.</summary>
    public static int SizeOf(ScalarType dtype) =>
        dtype switch
        {
            ScalarType.Float64 or ScalarType.Int64 => 8,
            ScalarType.Float32 or ScalarType.Int32 => 4,
            ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
            ScalarType.Int8 or ScalarType.Byte or ScalarType.Bool => 1,
            _ => throw new FormatException(
                $"dtype {dtype} cannot be stored; those that can are {string.Join(", ", DtypeNames.Keys)}"
            ),
        };

    /// <summary>
    /// Lays out tensors, widest elements first and by name within a width, so that each begins at a multiple of its
    /// element size and equal content gives equal bytes.
    /// </summary>
    public static SafetensorsHeader Plan(
        IEnumerable<(string Name, ScalarType Dtype, long[] Shape)> tensors,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        var entries = new List<SafetensorsEntry>();
        long offset = 0;
        foreach (
            var (name, dtype, shape) in tensors
                .OrderByDescending(t => SizeOf(t.Dtype))
                .ThenBy(t => t.Name, StringComparer.Ordinal)
        )
        {
            if (name == MetadataName)
                throw new FormatException($"a tensor cannot be named {MetadataName}");
            CheckText(name);
            var bytes = BytesOf(name, dtype, shape);
            entries.Add(new SafetensorsEntry(name, dtype, shape, offset, bytes));
            offset = checked(offset + bytes);
        }
        foreach (var (key, value) in metadata)
        {
            CheckText(key);
            CheckText(value);
        }
        return new SafetensorsHeader(entries, metadata);
    }

    /// <summary>Parses the JSON of a header.</summary>
    /// <param name="json">The header, without the eight bytes of its length.</param>
    /// <param name="dataBytes">The number of bytes that follow it.</param>
    /// <exception cref="FormatException">The header is not sound; the message describes the fault, without a full
    /// stop.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw new FormatException("the header does not begin with {");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            var header = ParseObject(ref reader);
            CheckTiling(header.Entries, dataBytes);
            return header;
        }
        catch (JsonException error)
        {
            throw new FormatException($"the header is not valid JSON ({error.Message.TrimEnd('.')})", error);
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException(
                "the header contains text that is not valid UTF-8, or a value of the wrong kind",
                error
            );
        }
    }

    /// <summary>
    /// Returns the header as bytes: eight bytes of length, then JSON, padded with spaces so that the data begins at a
    /// multiple of eight.
    /// </summary>
    public byte[] ToBytes()
    {
        var json = new MemoryStream();
        using (
            var writer = new Utf8JsonWriter(
                json,
                new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
            Write(writer);
        var padded = checked((int)((json.Length + 7) / 8 * 8));
        if (padded > MaxBytes)
            throw new FormatException($"the header would have {padded} bytes; readers accept {MaxBytes}");
        var bytes = new byte[8 + padded];
        bytes.AsSpan().Fill((byte)' ');
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, padded);
        json.GetBuffer().AsSpan(0, (int)json.Length).CopyTo(bytes.AsSpan(8));
        return bytes;
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Metadata.Count > 0)
        {
            writer.WriteStartObject(MetadataName);
            foreach (var (key, value) in Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        foreach (var entry in Entries)
        {
            writer.WriteStartObject(entry.Name);
            writer.WriteString("dtype", DtypeNames[entry.Dtype]);
            WriteNumbers(writer, "shape", entry.Shape);
            WriteNumbers(writer, "data_offsets", [entry.Offset, entry.Offset + entry.Bytes]);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }

    private static SafetensorsHeader ParseObject(ref Utf8JsonReader reader)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyDictionary<string, string> metadata = new Dictionary<string, string>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
                throw new FormatException($"the name \"{Short(name)}\" occurs twice in the header");
            if (name == MetadataName)
                metadata = ParseMetadata(ref reader);
            else
                entries.Add(ParseEntry(ref reader, name));
        }
        reader.Read(); // throws if anything but white space follows
        return new SafetensorsHeader([.. entries.OrderBy(e => e.Offset).ThenBy(e => e.Bytes)], metadata);
    }

    private static Dictionary<string, string> ParseMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        Enter(ref reader, JsonTokenType.StartObject, MetadataName);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            Enter(ref reader, JsonTokenType.String, MetadataName);
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new FormatException($"the name \"{Short(key)}\" occurs twice in {MetadataName}");
        }
        return metadata;
    }

    private static SafetensorsEntry ParseEntry(ref Utf8JsonReader reader, string name)
    {
        string? dtypeName = null;
        long[]? shape = null,
            offsets = null;
        Enter(ref reader, JsonTokenType.StartObject, name);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            var isFirst = key switch
            {
                "dtype" => dtypeName is null,
                "shape" => shape is null,
                "data_offsets" => offsets is null,
                _ => false,
            };
            if (!isFirst)
                throw new FormatException(
                    $"the entry of \"{Short(name)}\" has an unknown or repeated \"{Short(key!)}\""
                );
            if (key == "shape")
                shape = ParseNumbers(ref reader, name, MaxRank);
            else if (key == "data_offsets")
                offsets = ParseNumbers(ref reader, name, 2);
            else
                dtypeName = ParseText(ref reader, name);
        }
        if (dtypeName is null || shape is null || offsets is not [var begin, var end])
            throw new FormatException(
                $"the entry of \"{Short(name)}\" lacks its dtype, its shape or its two data_offsets"
            );
        if (!Dtypes.TryGetValue(dtypeName, out var dtype))
            throw new FormatException(
                $"\"{Short(name)}\" has the unknown dtype \"{Short(dtypeName)}\"; known are "
                    + $"{string.Join(", ", Dtypes.Keys)}"
            );
        if (end < begin || end - begin != BytesOf(name, dtype, shape))
            throw new FormatException(
                $"\"{Short(name)}\" is {dtypeName} {TensorKind.ShapeText(shape)} but its data_offsets are "
                    + $"{begin} to {end}"
            );
        return new SafetensorsEntry(name, dtype, shape, begin, end - begin);
    }

    private static string ParseText(ref Utf8JsonReader reader, string name)
    {
        Enter(ref reader, JsonTokenType.String, name);
        return reader.GetString()!;
    }

    private static long[] ParseNumbers(ref Utf8JsonReader reader, string name, int most)
    {
        var numbers = new List<long>();
        Enter(ref reader, JsonTokenType.StartArray, name);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (
                reader.TokenType != JsonTokenType.Number
                || !reader.TryGetInt64(out var number)
                || number < 0
                || numbers.Count == most
            )
                throw new FormatException(
                    $"the entry of \"{Short(name)}\" has an invalid list: it takes at most {most} whole numbers from 0"
                );
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static void Enter(ref Utf8JsonReader reader, JsonTokenType expected, string name)
    {
        if (!reader.Read() || reader.TokenType != expected)
            throw new FormatException(
                $"the entry of \"{Short(name)}\" has a {reader.TokenType} instead of a {expected}"
            );
    }

    /// <summary>
    /// Checks that entries follow one another without gap or overlap, from the first byte of the data to the last.
    /// </summary>
    private static void CheckTiling(IReadOnlyList<SafetensorsEntry> entries, long dataBytes)
    {
        long reached = 0;
        foreach (var entry in entries)
        {
            if (entry.Offset != reached)
                throw new FormatException(
                    $"\"{Short(entry.Name)}\" begins at byte {entry.Offset} of the data instead of byte {reached}: "
                        + "tensors overlap or leave a gap"
                );
            reached += entry.Bytes; // at most dataBytes, or the next comparison or the last one fails
            if (reached > dataBytes)
                throw new FormatException(
                    $"\"{Short(entry.Name)}\" ends at byte {reached} of the data, which has {dataBytes}"
                );
        }
        if (reached != dataBytes)
            throw new FormatException($"the tensors have {reached} bytes in total, the data has {dataBytes}");
    }

    private static long BytesOf(string name, ScalarType dtype, long[] shape)
    {
        try
        {
            // The product continues past zero sizes: libtorch computes strides from the other sizes, and these must
            // not overflow either.
            var strided = shape.Aggregate((long)SizeOf(dtype), (product, size) => checked(product * Math.Max(size, 1)));
            return Array.IndexOf(shape, 0L) < 0 ? strided : 0;
        }
        catch (OverflowException error)
        {
            throw new FormatException($"the shape of \"{Short(name)}\" has too many bytes to count", error);
        }
    }

    private static void CheckText(string text)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new FormatException("a name or a string is not valid Unicode", error);
        }
    }

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
