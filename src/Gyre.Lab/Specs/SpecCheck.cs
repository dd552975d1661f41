using System.Globalization;
using Gyre.Lab.Data;
using Tomlyn.Model;

namespace Gyre.Lab.Specs;

/// <summary>Checks the values of a spec one by one. Mistakes are collected, never thrown.</summary>
internal static class SpecCheck
{
    private const int ShownLetters = 120;

    /// <summary>Returns a file's value with the property's type, or the default and adds a mistake.</summary>
    public static object Value(SpecKey key, object value, List<SpecMistake> mistakes)
    {
        if (Typed(key, value) is { } typed && IsAllowed(key, typed))
            return typed;
        mistakes.Add(Mistake(key, value));
        return key.Default;
    }

    /// <summary>Returns a mistake for each value that is not allowed, in a spec created by a program.</summary>
    public static IEnumerable<SpecMistake> Mistakes(RunSpec spec) =>
        from key in SpecSchema.Keys
        let value = key.Get(spec)
        where !IsAllowed(key, value)
        select Mistake(key, value);

    private static SpecMistake Mistake(SpecKey key, object value) =>
        new(key.Path, $"{Shown(value)} is not {Meant(key, value) ?? key.Offered}");

    /// <summary>
    /// Returns the end of the sentence "X is not …" for a key with a fixed set of words; null for any other key.
    /// </summary>
    private static string? Meant(SpecKey key, object value)
    {
        if (key.Choices is not { } choices || key.Kind != SpecKind.Text)
            return null;
        var meant = value is string word ? SpecSuggestions.Choice(word, choices) : null;
        return meant is null
            ? $"one of {key.Offered}"
            : $"allowed{Suggestion.AsClause($"\"{meant}\"")} Allowed: {key.Offered}";
    }

    private static object? Typed(SpecKey key, object value) =>
        key.Kind switch
        {
            SpecKind.Flag => value as bool?,
            SpecKind.Text => value as string,
            SpecKind.Whole => AsInt(value),
            SpecKind.Number => AsNumber(value),
            SpecKind.Wholes => List(value, AsInt),
            SpecKind.Numbers => List(value, AsNumber),
            SpecKind.Texts => Texts(value),
            _ => Schedule(value),
        };

    /// <summary>Returns whether a value of the property's type is allowed for the key.</summary>
    private static bool IsAllowed(SpecKey key, object typed) =>
        typed switch
        {
            string text => key.Choices is null || key.Choices.Contains(text),
            int whole => IsWithin(key, whole),
            double number => IsWithin(key, number),
            IReadOnlyList<int> wholes => wholes.All(whole => IsWithin(key, whole)),
            IReadOnlyList<double> numbers => numbers.All(number => IsWithin(key, number)),
            _ => true,
        };

    private static bool IsWithin(SpecKey key, double number) =>
        double.IsFinite(number) && (key.Exclusive ? number > key.Least : number >= key.Least) && number <= key.Most;

    public static double? AsNumber(object value) =>
        value switch
        {
            double number => number + 0.0, // no negative zero: equal specs are equal text
            long whole => whole,
            _ => null,
        };

    /// <summary>
    /// Returns an integer, also in TOML's float forms: 1e4 and 42.0. Beyond 2^53 a float does not identify an integer.
    /// </summary>
    public static long? AsWhole(object? value) =>
        value switch
        {
            long whole => whole,
            double number when number == Math.Truncate(number) && Math.Abs(number) <= 1L << 53 => (long)number,
            _ => null,
        };

    private static int? AsInt(object? value) =>
        AsWhole(value) is >= int.MinValue and <= int.MaxValue and var whole ? (int)whole : null;

    private static T[]? List<T>(object value, Func<object, T?> read)
        where T : struct
    {
        T?[]? items = value is TomlArray list ? [.. list.Select(item => read(item!))] : null;
        return items is null || items.Contains(null) ? null : [.. items.OfType<T>()];
    }

    private static string[]? Texts(object value) =>
        value is TomlArray list && list.All(item => item is string) ? [.. list.OfType<string>()] : null;

    private static GivenChange[]? Schedule(object value)
    {
        var tables = value switch
        {
            TomlArray list => list.OfType<TomlTable>().ToArray() is var found && found.Length == list.Count
                ? found
                : null,
            TomlTableArray array => array.ToArray(),
            _ => null,
        };
        if (tables is null)
            return null;
        var changes = tables
            .Select(table =>
                table.Count == 2
                && table.TryGetValue("step", out var step)
                && AsWhole(step) is { } at and >= 0 and <= int.MaxValue
                    ? Change((int)at, Positive(table, "learning_rate"), Positive(table, "factor"))
                    : null
            )
            .ToArray();
        return changes.Contains(null) ? null : [.. changes.OfType<GivenChange>()];
    }

    private static GivenChange? Change(int step, double? rate, double? factor) =>
        rate is null == factor is null ? null : new GivenChange(step, rate, factor);

    private static double? Positive(TomlTable table, string key) =>
        table.TryGetValue(key, out var value) && AsNumber(value!) is { } number && number > 0 && double.IsFinite(number)
            ? number
            : null;

    /// <summary>Formats a value for a message as it would be typed; long values are cut.</summary>
    public static string Shown(object value) => UserFile.Shown(Text(value, SpecText.Number), ShownLetters);

    /// <summary>Formats a value as a part of a cell's name: 1.0 becomes 1.</summary>
    public static string Named(object value) => Text(value, number => number.ToString(CultureInfo.InvariantCulture));

    private static string Text(object value, Func<double, string> number) =>
        value switch
        {
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            double of => number(of),
            TomlArray list => $"[{string.Join(", ", list.Select(item => Text(item!, number)))}]",
            TomlTableArray tables => $"[{string.Join(", ", tables.Select(table => Text(table, number)))}]",
            TomlTable table =>
                $"{{ {string.Join(", ", table.Select(pair => $"{pair.Key} = {Text(pair.Value, number)}"))} }}",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "nothing",
        };
}
