using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Trajectories;

/// <summary>The step that a checkpoint's name contains. Pure.</summary>
/// <param name="Step">The step; null if the name does not contain one.</param>
/// <param name="Problem">The reason why it does not, as the end of a sentence whose subject is the name.</param>
internal sealed partial record StepName(long? Step, string Problem)
{
    /// <summary>Which number of the name is the step, for people.</summary>
    public string Rule { get; private init; } = "the only number";

    private static readonly string[] Suffixes = [".safetensors", ".pt", ".pth", ".bin", ".ckpt"];
    private static readonly string[] StepKeys = ["step", "steps", "iter", "iters", "iteration", "update", "updates"];
    private static readonly string[] CheckpointKeys = ["checkpoint", "ckpt"];
    private static readonly string[] EpochKeys = ["epoch", "epochs", "ep"];

    /// <summary>Returns whether a file's name ends like that of a weights file.</summary>
    public static bool IsOfWeights(string name) => Suffixes.Any(ending => Ends(name, ending));

    /// <summary>Returns whether a file's name indicates an optimizer's state.</summary>
    public static bool IsOfOptimizer(string name) =>
        IsOfWeights(name) && name.Contains("optim", StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses the name of a file or a folder.</summary>
    public static StepName Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bare = Suffixes.FirstOrDefault(ending => Ends(name, ending)) is { } found ? name[..^found.Length] : name;
        var numbers = Numbers().Matches(bare).Where(match => match.Groups["number"].Success).ToArray();
        return After(numbers, StepKeys) ?? After(numbers, CheckpointKeys) ?? Only(numbers);
    }

    private static bool Ends(string name, string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static StepName? After(Match[] numbers, string[] words)
    {
        var keyed = numbers.Where(number => IsAfter(number, words)).ToArray();
        return keyed.Length == 0
            ? null
            : Single(keyed) with
            {
                Rule = $"the number after \"{keyed[0].Groups["word"].Value}\"",
            };
    }

    private static StepName Only(Match[] numbers)
    {
        if (numbers.Length == 0)
            return new(null, "has no number");
        return numbers.All(number => IsAfter(number, EpochKeys))
            ? new(null, $"counts epochs ({numbers[0].Value}), not steps")
            : Single(numbers);
    }

    private static StepName Single(Match[] numbers)
    {
        var read = numbers.Select(number => number.Groups["number"].Value).Distinct().ToArray();
        if (read.Length > 1)
            return new(null, $"has several numbers, {string.Join(" and ", read)}, any of which may be the step");
        return
            long.TryParse(read[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            && step <= MeasuredSpec.Unbounded
            ? new(step, "")
            : new(null, FormattableString.Invariant($"has a number above {MeasuredSpec.Unbounded:N0}"));
    }

    private static bool IsAfter(Match number, string[] words)
    {
        var word = number.Groups["word"].Value.ToLowerInvariant();
        return words.Any(one => word == one || (one.Length >= 4 && word.EndsWith(one, StringComparison.Ordinal)));
    }

    /// <summary>
    /// A number with a decimal point is matched without a group, so that its digits are not taken for numbers.
    /// </summary>
    [GeneratedRegex(@"\d+(?:\.\d+)+|(?<word>[A-Za-z]*)[-_= ]*(?<number>\d+)(?!\d*\.\d)")]
    private static partial Regex Numbers();
}
