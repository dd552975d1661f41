using System.Reflection;
using System.Text.Json;
using Gyre.Lab.Keys;

namespace Gyre.Lab.Specs;

/// <summary>
/// All keys of a spec, read once from the properties of <see cref="RunSpec"/> and its sections. docs/spec.md is
/// generated from this table.
/// </summary>
internal static class SpecSchema
{
    private static readonly Dictionary<Type, SpecKind> Kinds = new()
    {
        [typeof(int)] = SpecKind.Whole,
        [typeof(double)] = SpecKind.Number,
        [typeof(string)] = SpecKind.Text,
        [typeof(bool)] = SpecKind.Flag,
        [typeof(IReadOnlyList<int>)] = SpecKind.Wholes,
        [typeof(IReadOnlyList<double>)] = SpecKind.Numbers,
        [typeof(IReadOnlyList<string>)] = SpecKind.Texts,
        [typeof(IReadOnlyList<RateChange>)] = SpecKind.Schedule,
    };

    /// <summary>The keys in the order of declaration, in which they are written.</summary>
    public static IReadOnlyList<SpecKey> Keys { get; } = [.. KeysOf(new RunSpec(), "", null)];

    private static readonly Dictionary<string, SpecKey> ByPath = Keys.ToDictionary(key => key.Path);

    /// <summary>Returns the key with a path; null if there is none.</summary>
    public static SpecKey? TryGet(string path) => ByPath.GetValueOrDefault(path);

    /// <summary>Returns the key with a path.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static SpecKey Get(string path) =>
        TryGet(path) ?? throw new ArgumentException($"{path} is not a key of a spec.", nameof(path));

    /// <summary>Returns the keys of a record with its defaults.</summary>
    internal static IEnumerable<SpecKey> KeysOf(object record, string prefix, SpecProperty? section)
    {
        foreach (var property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<SpecKeyAttribute>() is { } key)
                yield return KeyOf(key, property, prefix, property.GetValue(record)!, new(property, section));
            else if (property.GetCustomAttribute<SpecSectionAttribute>() is { } inner)
            {
                var defaults = property.GetValue(record) ?? Activator.CreateInstance(property.PropertyType)!;
                foreach (var found in KeysOf(defaults, prefix + inner.Prefix, new(property, section)))
                    yield return found;
            }
        }
    }

    private static SpecKey KeyOf(
        SpecKeyAttribute key,
        PropertyInfo property,
        string prefix,
        object initial,
        SpecProperty place
    ) =>
        new(
            prefix + (key.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)),
            Kinds[property.PropertyType],
            initial,
            key.Help,
            double.IsNaN(key.Above) ? key.Least : key.Above,
            key.Most,
            ChoicesOf(key, property.DeclaringType!),
            !double.IsNaN(key.Above),
            UseOf(key, property.DeclaringType!)
        )
        {
            Place = place,
        };

    private static IReadOnlyList<string>? ChoicesOf(SpecKeyAttribute key, Type record)
    {
        var choices = key.Choices ?? NamesIn(record, key.ChoicesFrom) ?? NamesIn(key.ChoicesOf, "Names");
        return key.OrOwn ? [.. choices ?? [], RunSpec.Own] : choices;
    }

    private static SpecUse? UseOf(SpecKeyAttribute key, Type record)
    {
        if (key.UsedWhere is null)
            return null;
        var alternative = key.OrWhere is null ? null : SpecUse.Create(key.OrWhere);
        return SpecUse.Create(key.UsedWhere, NamesIn(record, key.UsedWithFrom) ?? key.UsedWith) with
        {
            Else = alternative,
        };
    }

    /// <summary>Returns the names that a static property lists; null if no property is given.</summary>
    private static IReadOnlyList<string>? NamesIn(Type? type, string? property) =>
        type is null || property is null
            ? null
            : (IReadOnlyList<string>?)
                type.GetProperty(property, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
                    .GetValue(null);
}
