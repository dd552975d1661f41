using System.Globalization;
using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads numpy arrays. Integer targets are classes, floating-point targets are values for regression.
/// </summary>
internal static class Arrays
{
    private const int MostClasses = 100_000;
    private const int MostValues = 1 << 28;

    /// <summary>
    /// The accepted names of arrays, whatever their case: training features and targets, then those of the test set.
    /// </summary>
    private static readonly string[][] Roles =
    [
        ["train_x", "x_train", "x", "features"],
        ["train_y", "y_train", "y", "labels", "targets"],
        ["test_x", "x_test"],
        ["test_y", "y_test"],
    ];

    /// <summary>Reads a folder of .npy files or an .npz file.</summary>
    /// <exception cref="DataException">An array is missing, cannot be used, or does not match another one.</exception>
    public static DataContent Read(string path)
    {
        if (Directory.Exists(path))
            return Read(path, InFolder(path), name => NpyReader.Open(Path.Combine(path, name + ".npy")));
        using var archive = NpzFile.Open(path);
        return Read(path, archive.Names, archive.Read);
    }

    private static NumberSet Read(string place, IReadOnlyList<string> names, Func<string, NpyReader> read)
    {
        var path = UserFile.Shown(place, UserFile.PathLetters);
        var chosen = Roles.Select(role => Chosen(role, names)).ToArray();
        if (chosen[0] is not { } features || chosen[1] is not { } targets)
            throw new DataException(
                $"{path} must contain train_x and train_y (or x and y, features and labels), as .npy "
                    + "files in a folder or as arrays in an .npz file; the "
                    + $"{(chosen[0] is null ? "features" : "targets")} "
                    + "are missing. "
                    + $"{(names.Count == 0 ? "It holds no array." : $"It holds {UserFile.Names(names)}: rename them.")}"
            );
        if ((chosen[2] is null) != (chosen[3] is null))
            throw new DataException(
                $"{path} has "
                    + $"{(chosen[2] is null ? "test_y without test_x" : "test_x without test_y")}: a test set "
                    + "needs both."
            );
        var (x, y, testY) = (read(features), read(targets), chosen[3] is { } name ? read(name) : null);
        var classes = y.IsWhole ? Classes(y, testY, path) : 0;
        var train = Part(x, y, classes, path, "train");
        var test = testY is null ? null : Part(read(chosen[2]!), testY, classes, path, "test");
        if (test is not null && (!test.SampleShape.SequenceEqual(train.SampleShape) || test.Width != train.Width))
            throw new DataException(
                $"{path}: a training sample is [{string.Join(", ", train.SampleShape)}] with "
                    + $"{train.Width} targets, a test sample [{string.Join(", ", test.SampleShape)}] with "
                    + $"{test.Width}: "
                    + "they do not belong together."
            );
        return new NumberSet("arrays", classes, train, test, $"arrays of {Path.GetFullPath(place)}")
        {
            Remarks = [.. Unread(names, chosen), .. Unseen(train.Labels, classes)],
        };
    }

    private static string? Chosen(string[] role, IReadOnlyList<string> names) =>
        role.SelectMany(meant => names.Where(name => name.Equals(meant, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault();

    private static IEnumerable<string> Unread(IReadOnlyList<string> names, string?[] chosen)
    {
        string[] left = [.. names.Except(chosen.OfType<string>(), StringComparer.Ordinal)];
        if (left.Length > 0)
            yield return $"not read: the {Counted.Noun(left.Length, "array")} {UserFile.Names(left)}; the arrays "
                + $"read are {UserFile.Names([.. chosen.OfType<string>()])}";
    }

    private static IEnumerable<string> Unseen(int[]? labels, int classes)
    {
        if (labels is null)
            yield break;
        var seen = labels.ToHashSet();
        int[] unseen = [.. Enumerable.Range(0, classes).Where(label => !seen.Contains(label))];
        if (unseen.Length > 0)
            yield return $"classes are counted from 0 to the largest label, {classes - 1}, and no training sample has "
                + $"{(unseen.Length == 1 ? "class" : $"{unseen.Length} of them, such as class")} {unseen[0]}";
    }

    private static NumberPart Part(NpyReader x, NpyReader y, int classes, string path, string what)
    {
        if (x.Count != y.Count || x.Count == 0)
            throw new DataException(
                $"{path}: {what} has {x.Count} samples and {y.Count} targets; the numbers must be "
                    + "equal and at least 1. The first dimension of both is the sample."
            );
        int[] shape = x.Shape.Count == 1 ? [1] : [.. x.Shape.Skip(1)];
        if (x.Shape.Any(size => size == 0))
            throw new DataException(
                $"{path}: {what} features have shape ({string.Join(", ", x.Shape)}): a sample has no values."
            );
        return classes > 0
            ? new NumberPart(x, shape, Labels(y, path, what), null)
            : new NumberPart(x, shape, null, Values(y, path, what));
    }

    private static int Classes(NpyReader train, NpyReader? test, string path)
    {
        var most = 0;
        foreach (var (y, what) in new[] { (train, "train"), (test, "test") })
            most = y is null ? most : Math.Max(most, Labels(y, path, what).DefaultIfEmpty(0).Max());
        return most + 1;
    }

    private static int[] Labels(NpyReader y, string path, string what)
    {
        if (y.Size != 1)
            throw new DataException(
                $"{path}: {what} labels have shape ({string.Join(", ", y.Shape)}), but a sample "
                    + "has one class: save argmax(axis=1) of one-hot rows."
            );
        var (labels, one) = (new int[y.Count], new double[1]);
        for (var i = 0; i < labels.Length; i++)
        {
            y.Read(i, one);
            labels[i] = one[0] is >= 0 and < MostClasses
                ? (int)one[0]
                : throw new DataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{path}: label {one[0]} of {what} sample {i} is out of range; classes are 0 to "
                            + $"{MostClasses - 1}. "
                            + $"Save numeric targets as floats."
                    )
                );
        }
        return labels;
    }

    private static double[] Values(NpyReader y, string path, string what)
    {
        if (y.Size == 0 || (long)y.Count * y.Size > MostValues)
            throw new DataException(
                $"{path}: {what} targets have shape ({string.Join(", ", y.Shape)}); 1 to "
                    + $"{MostValues} values per sample are supported as targets."
            );
        var values = new double[y.Count * y.Size];
        for (var i = 0; i < y.Count; i++)
            y.Read(i, values.AsSpan(i * y.Size, y.Size));
        return values;
    }

    /// <summary>The .npz file, or the .npy files of a folder that are read.</summary>
    public static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path))
            return [path];
        var names = InFolder(path);
        return
        [
            .. Roles
                .Select(role => Chosen(role, names))
                .OfType<string>()
                .Select(name => Path.Combine(path, name + ".npy")),
        ];
    }

    private static string[] InFolder(string path)
    {
        try
        {
            var names = Directory.EnumerateFiles(path, "*.npy").Select(file => Path.GetFileNameWithoutExtension(file));
            return [.. names.Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} cannot be read: {error.Message}",
                error
            );
        }
    }
}
