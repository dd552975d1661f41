using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Gyre.Lab.Exports;

/// <summary>A column and the function that reads its value from a row object.</summary>
internal sealed record Field<T>(Column Column, Func<T, object?> Read)
{
    /// <summary>The name of the record property behind the field; empty for any other field.</summary>
    public string Property { get; init; } = "";
}

/// <summary>
/// Derives columns from a record's own properties, named as in the run folder, so a number added to a record is
/// exported without further code. Nested records are flattened with their name as a prefix ("flip_rotation"). Lists
/// are left out, since they have tables of their own.
/// </summary>
internal static class RecordFields
{
    /// <summary>Returns the fields of a record that each row holds.</summary>
    /// <param name="record">Gets the record from a row; null if the row has none.</param>
    /// <param name="without">Properties to leave out.</param>
    public static IReadOnlyList<Field<T>> Get<T, TRecord>(Func<T, TRecord?> record, params string[] without) =>
        [
            .. GetNested(typeof(TRecord), "", without)
                .Select(one => new Field<T>(one.Column, row => one.Read(record(row))) { Property = one.Property }),
        ];

    public static Field<T> Text<T>(string name, Func<T, string?> read) => new(new Column(name, ColumnKind.Text), read);

    public static Field<T> Real<T>(string name, Func<T, double?> read) =>
        new(new Column(name, ColumnKind.Real), row => Value(read(row)));

    private static IEnumerable<Field<object?>> GetNested(Type record, string prefix, string[] without)
    {
        foreach (
            var property in record
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(one => !without.Contains(one.Name))
        )
        {
            var name = prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            var read = Reader(property);
            if (KindOf(property.PropertyType) is { } kind)
                yield return new Field<object?>(new Column(name, kind), read) { Property = property.Name };
            else if (
                property.PropertyType is { IsClass: true, IsArray: false, Namespace: { } home }
                && home.StartsWith("Gyre.Lab", StringComparison.Ordinal)
            )
            {
                foreach (var inner in GetNested(property.PropertyType, name + "_", []))
                    yield return new Field<object?>(inner.Column, row => inner.Read(read(row)));
            }
        }
    }

    private static Func<object?, object?> Reader(PropertyInfo property) =>
        row => row is null ? null : Value(property.GetValue(row));

    private static ColumnKind? KindOf(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var plain when plain == typeof(long) || plain == typeof(int) => ColumnKind.Whole,
            var plain when plain == typeof(double) => ColumnKind.Real,
            var plain when plain == typeof(bool) => ColumnKind.Flag,
            var plain when plain == typeof(string) || plain == typeof(DateTimeOffset) || plain.IsEnum =>
                ColumnKind.Text,
            _ => null,
        };

    private static object? Value(object? raw) =>
        raw switch
        {
            int number => (long)number,
            double number => double.IsFinite(number) ? number : null,
            DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
            Enum word => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString()),
            _ => raw,
        };
}
