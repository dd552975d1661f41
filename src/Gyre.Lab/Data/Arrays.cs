using System.IO.Compression;

namespace Gyre.Lab.Data;

/// <summary>numpy arrays: what everyone can make. Whole numbers in y are classes, floats are numbers to be met.</summary>
public static class Arrays
{
    private const int MostClasses = 100_000;
    private const long Allowance = 64 << 20;
    private const long MostRatio = 2000; // deflate reaches 1032

    private static readonly string[][] Names = [["train_x", "x_train", "x", "X", "features"], ["train_y", "y_train", "y", "Y", "labels", "targets"], ["test_x", "x_test"], ["test_y", "y_test"]];

    /// <summary>Reads a folder of .npy files or an .npz file.</summary>
    /// <exception cref="DataException">An array is missing, cannot be used or does not fit another.</exception>
    public static DataContent Read(string path)
    {
        var find = Directory.Exists(path) ? InFolder(path) : InArchive(path);
        var found = Names.Select(find).ToArray();
        if (found[0] is not { } x || found[1] is not { } y)
            throw new DataException($"{path} must hold train_x and train_y (or x and y, features and labels), as .npy files of a folder or arrays of an .npz; {(found[0] is null ? "the features" : "the targets")} are missing.");
        if ((found[2] is null) != (found[3] is null))
            throw new DataException($"{path} has {(found[2] is null ? "test_y without test_x" : "test_x without test_y")}: a test set needs both.");
        var classes = y.IsWhole ? Classes(y, found[3], path) : 0;
        var train = Part(x, y, classes, path, "train");
        var test = found[2] is { } testX ? Part(testX, found[3]!, classes, path, "test") : null;
        if (test is not null && (!test.SampleShape.SequenceEqual(train.SampleShape) || test.Width != train.Width))
            throw new DataException($"{path}: a training sample is [{string.Join(", ", train.SampleShape)}] with {train.Width} targets, a test sample [{string.Join(", ", test.SampleShape)}] with {test.Width}: they do not belong together.");
        return new NumberSet("arrays", classes, train, test, $"arrays of {Path.GetFullPath(path)}");
    }

    /// <summary>The .npz, or those .npy files of a folder that are read.</summary>
    public static IReadOnlyList<string> Files(string path) => Directory.Exists(path)
        ? [.. Names.Select(names => FileOf(path, names)).OfType<string>()]
        : File.Exists(path) ? [path] : [];

    private static NumberPart Part(NpyReader x, NpyReader y, int classes, string path, string what)
    {
        if (x.Count != y.Count || x.Count == 0)
            throw new DataException($"{path}: {what} has {x.Count} samples and {y.Count} targets; there must be as many, and one at least.");
        int[] shape = x.Shape.Count == 1 ? [1] : [.. x.Shape.Skip(1)];
        if (x.Shape.Any(size => size == 0))
            throw new DataException($"{path}: {what} features have shape ({string.Join(", ", x.Shape)}): a sample without numbers.");
        return classes > 0 ? new NumberPart(x, shape, Labels(y, path, what), null) : new NumberPart(x, shape, null, Values(y));
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
            throw new DataException($"{path}: {what} labels have shape ({string.Join(", ", y.Shape)}), but a sample has one class: save argmax(axis=1) of one-hot rows.");
        var (labels, one) = (new int[y.Count], new double[1]);
        for (var i = 0; i < labels.Length; i++)
        {
            y.Read(i, one);
            labels[i] = one[0] is >= 0 and < MostClasses ? (int)one[0] : throw new DataException($"{path}: label {one[0]} of {what} sample {i} is out of range; classes are 0 to {MostClasses - 1}. Targets that are numbers are saved as floats.");
        }
        return labels;
    }

    private static double[] Values(NpyReader y)
    {
        var values = new double[(long)y.Count * y.Size];
        for (var i = 0; i < y.Count; i++)
            y.Read(i, values.AsSpan(i * y.Size, y.Size));
        return values;
    }

    private static Func<string[], NpyReader?> InFolder(string path) => names =>
        FileOf(path, names) is { } file ? NpyReader.Open(file) : null;

    private static string? FileOf(string folder, string[] names) =>
        names.Select(name => Path.Combine(folder, name + ".npy")).FirstOrDefault(File.Exists);

    private static Func<string[], NpyReader?> InArchive(string path) => names =>
    {
        try
        {
            using var zip = ZipFile.OpenRead(path);
            var most = new FileInfo(path).Length * MostRatio + Allowance;
            if (names.Select(name => zip.GetEntry(name + ".npy")).FirstOrDefault(entry => entry is not null) is not { } entry)
                return null;
            using var stream = entry.Open();
            return NpyReader.Read(stream, $"{entry.FullName} of {path}", most);
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{path} is not an .npz file, or is truncated: {error.Message} Save it again by numpy.savez.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataException($"{path} cannot be read: {error.Message} data.path is a folder of .npy files or an .npz file.", error);
        }
    };
}
