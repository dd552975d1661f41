using Gyre.Lab.Data;
using Gyre.Torch;

namespace Gyre.Lab.Specs;

/// <summary>The kinds of values.</summary>
internal enum SpecKind
{
    /// <summary>An integer.</summary>
    Whole,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A word or a path.</summary>
    Text,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A list of integers.</summary>
    Wholes,

    /// <summary>A list of numbers.</summary>
    Numbers,

    /// <summary>A list of words or paths.</summary>
    Texts,

    /// <summary>A list of { step = …, learning_rate = … } or { step = …, factor = … }.</summary>
    Schedule,
}

/// <summary>A key of a spec as declared by its property; reading, checking, writing and documentation use it.</summary>
/// <param name="Path">Dotted path, as in <c>--set training.learning_rate=0.3</c>.</param>
/// <param name="Kind">The kind of its value.</param>
/// <param name="Default">The default, of the property's type.</param>
/// <param name="Help">A line of help, with the default's source.</param>
/// <param name="Least">The smallest number allowed; for a list, for each of its values.</param>
/// <param name="Most">The largest number allowed.</param>
/// <param name="Choices">The words allowed; null for any.</param>
/// <param name="Exclusive">Whether <paramref name="Least"/> itself is not allowed.</param>
/// <param name="Use">The condition under which it has an effect; null if it always has one.</param>
internal sealed record SpecKey(
    string Path,
    SpecKind Kind,
    object Default,
    string Help,
    double Least = double.NegativeInfinity,
    double Most = double.PositiveInfinity,
    IReadOnlyList<string>? Choices = null,
    bool Exclusive = false,
    SpecUse? Use = null
)
{
    /// <summary>The property that holds its value.</summary>
    internal required SpecProperty Place { get; init; }

    /// <summary>Returns its value in a spec: the default if the spec lacks the section.</summary>
    internal object Get(RunSpec spec) => Place.ReadFrom(spec) ?? Default;

    /// <summary>The values that a user may set, in words, without those that only programs write.</summary>
    public string Offered =>
        Choices is null
            ? Allowed
            : (this with { Choices = [.. Choices.Where(choice => choice != RunSpec.Own)] }).Allowed;

    /// <summary>The values allowed, in words.</summary>
    public string Allowed =>
        Kind switch
        {
            SpecKind.Flag => "true or false",
            SpecKind.Text => Choices is null ? "text" : string.Join(", ", Choices.Select(choice => $"\"{choice}\"")),
            SpecKind.Texts => "a list of strings",
            SpecKind.Wholes => $"a list of integers, each {Range}",
            SpecKind.Numbers => $"a list of numbers, each {Range}",
            SpecKind.Schedule =>
                "a list of { step = …, learning_rate = … } or { step = …, factor = … }, steps increasing",
            SpecKind.Whole => $"an integer {Range}",
            _ => $"a number {Range}",
        };

    private string Range =>
        (double.IsNegativeInfinity(Least), double.IsPositiveInfinity(Most)) switch
        {
            (true, true) => "of any size",
            (false, true) => Exclusive
                ? FormattableString.Invariant($"above {Least}")
                : FormattableString.Invariant($"of at least {Least}"),
            (true, false) => FormattableString.Invariant($"of at most {Most}"),
            _ => Exclusive
                ? FormattableString.Invariant($"above {Least}, at most {Most}")
                : FormattableString.Invariant($"from {Least} to {Most}"),
        };
}

/// <summary>One mistake in a spec.</summary>
/// <param name="Where">The key, or the file.</param>
/// <param name="Problem">The problem, and the allowed values.</param>
internal sealed record SpecMistake(string Where, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => UserFile.Message($"{UserFile.Shown(Where, UserFile.PathLetters)}: {Problem}");
}

/// <summary>Thrown if a spec cannot be run; contains every mistake in it.</summary>
/// <param name="mistakes">All mistakes.</param>
/// <param name="source">The file or preset; null if there is none.</param>
internal sealed class SpecException(IReadOnlyList<SpecMistake> mistakes, string? source = null)
    : GyreException(MessageText(mistakes, source))
{
    /// <summary>The place of mistakes that do not belong to a file.</summary>
    public const string CommandLine = "The command line";

    private const int MostShown = 30;
    private const int MostInLine = 3;

    /// <summary>All mistakes.</summary>
    public IReadOnlyList<SpecMistake> Mistakes { get; } = mistakes;

    /// <summary>The file or preset; null if there is none.</summary>
    public string? Spec { get; } = source;

    /// <summary>
    /// Returns this exception with `--set` before each key of a file that a setting replaced: the mistake is not in
    /// the file.
    /// </summary>
    internal SpecException InSettings(IReadOnlyList<string> sets)
    {
        if (Spec is null || SpecReader.AllPresets.Contains(Spec))
            return this;
        var keys = sets.Select(set => set.Split('=')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        return new SpecException(
            [
                .. Mistakes.Select(mistake =>
                    keys.Contains(mistake.Where) ? mistake with { Where = $"--set {mistake.Where}" } : mistake
                ),
            ],
            Spec
        );
    }

    /// <summary>The first mistakes on one line, for places with little room.</summary>
    public string InOneLine =>
        string.Join("; ", Mistakes.Take(MostInLine).Select(mistake => PlainText.Line($"{mistake}")))
        + (Mistakes.Count > MostInLine ? $"; and {Mistakes.Count - MostInLine} more" : "");

    private static string Place(IReadOnlyList<SpecMistake> mistakes, string? source)
    {
        if (source == CommandLine || mistakes.All(mistake => mistake.Where.StartsWith("--", StringComparison.Ordinal)))
            return CommandLine;
        if (source is null)
            return "The spec";
        return SpecReader.AllPresets.Contains(source)
            ? $"The preset {source} with its --set options" // a preset itself has no mistakes
            : $"The spec {UserFile.Shown(source, UserFile.PathLetters)}";
    }

    private static string MessageText(IReadOnlyList<SpecMistake> mistakes, string? source)
    {
        if (mistakes is [{ } only] && only.Where == source)
            return $"{only}";
        var lines = mistakes
            .Take(MostShown)
            .Select(mistake => $"  {mistake}")
            .Concat(mistakes.Count > MostShown ? [$"  … and {mistakes.Count - MostShown} more"] : []);
        return $"{Place(mistakes, source)} has "
            + $"{(mistakes.Count == 1 ? "a mistake" : $"{mistakes.Count} mistakes")}:\n{string.Join("\n", lines)}";
    }
}
