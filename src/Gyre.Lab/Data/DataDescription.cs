using System.Globalization;
using System.Text;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>Describes a data set in lines for people.</summary>
internal static class DataDescription
{
    private const int FewClasses = 20;
    private const int ShownLetters = 200;

    /// <summary>Returns one line per fact: parts, shapes, classes, moments, remarks.</summary>
    public static IReadOnlyList<string> Describe(DataContent content) =>
        [
            .. content switch
            {
                DataSet images => Parts(images),
                NumberSet numbers => Parts(numbers),
                TextSet text =>
                [
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"training {text.Train.Length} characters, test {text.Test.Length}; vocabulary of "
                            + $"{text.Vocabulary.Count}: {Letters(text.Vocabulary)}"
                    ),
                ],
                MadeTensors made =>
                [
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{made.Inputs.shape[0]} samples of [{string.Join(", ", made.Inputs.shape[1..])}], "
                            + $"targets [{string.Join(", ", made.Targets.shape[1..])}], no test set"
                    ),
                ],
                _ => [],
            },
            .. content?.Remarks ?? [],
        ];

    /// <summary>Formats classes with their counts.</summary>
    public static string Counts(IReadOnlyList<int> labels, int classes, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(names);
        var counts = new int[classes];
        foreach (var label in labels)
            counts[label]++;
        var shown = counts
            .Take(FewClasses)
            .Select(
                (count, label) =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(label < names.Count ? UserFile.Shown(names[label]) : label.ToString(CultureInfo.InvariantCulture))} "
                            + $"{count}"
                    )
            );
        return string.Join(", ", shown)
            + (classes > FewClasses ? Text($", … ({classes} classes, {counts.Min()} to {counts.Max()} each)") : "");
    }

    private static IEnumerable<string> Parts(DataSet data)
    {
        foreach (var (name, part) in new[] { ("training", data.Train), ("test", data.Test) })
        {
            if (part is null)
            {
                yield return "no test set";
                continue;
            }
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{name, -9}{part.Count, 7} images of {string.Join("×", part.SampleShape)}: "
                    + $"{Counts(part.Labels, data.Classes, data.ClassNames)}"
            );
            var moments = part.PixelMoments([.. Enumerable.Range(0, part.Count)]);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"         mean "
                    + $"{string.Join(" ", moments.Select(channel => NumberText.Fixed(channel.Mean, 4)))}, deviation "
                    + $"{string.Join(" ", moments.Select(channel => NumberText.Fixed(channel.Deviation, 4)))} of each "
                    + $"channel"
            );
        }
        yield return "images are standardized per channel with the statistics of a run's training subset; there is no augmentation: "
            + "full-batch training needs a fixed function";
    }

    private static IEnumerable<string> Parts(NumberSet data)
    {
        foreach (var (name, part) in new[] { ("training", data.Train), ("test", data.Test) })
        {
            if (part is null)
            {
                yield return "no test set";
                continue;
            }
            var targets = part.Labels is { } labels ? Counts(labels, data.Classes, data.ClassNames) : Range(part);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{name, -9}{part.Count, 7} samples of [{string.Join(", ", part.SampleShape)}]: {targets}"
            );
        }
        if (data.FeatureNames.Count > 0)
            yield return $"features: {UserFile.Names(data.FeatureNames)}";
        yield return "features are standardized with the statistics of a run's training subset; targets are not changed";
    }

    private static string Range(NumberPart part) =>
        Text(
            $"{part.Width} {Counted.Noun(part.Width, "number")} as targets, from {NumberText.Format(part.Values!.Min())} to "
        ) + NumberText.Format(part.Values!.Max());

    private static string Letters(IReadOnlyList<Rune> letters) =>
        string.Concat(letters.Take(ShownLetters).Select(PlainText.Visible))
        + (letters.Count > ShownLetters ? Text($" … and {letters.Count - ShownLetters} more") : "");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
