using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads CIFAR-10 and CIFAR-100 in the binary version (Krizhevsky 2009): records of labels and 3×32×32 bytes, in planes
/// of red, green and blue. The files are memory-mapped and never read whole.
/// </summary>
internal static class Cifar
{
    private const int Pixels = 3 * 32 * 32;
    private const int CoarseClasses = 20;
    private const string Attribution =
        "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; no declared license";

    private static readonly string[] TenNames =
    [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ];

    /// <summary>Reads CIFAR-10: those of data_batch_1.bin to data_batch_5.bin that exist, and test_batch.bin.</summary>
    /// <param name="path">The folder of the files, or its parent.</param>
    /// <exception cref="DataException">There is no file, or a file is malformed.</exception>
    public static DataSet Ten(string path)
    {
        var folder = Folder(path, "cifar-10", "cifar-10-batches-bin", "data_batch_1.bin");
        var batches = Batches(folder);
        var train = Joined([.. batches.Select(name => Read(Path.Combine(folder, name), 1, 10))]);
        var test = Test(folder, "test_batch.bin", 1, 10);
        return new DataSet("cifar-10", 10, train, test, Attribution)
        {
            ClassNames = TenNames,
            Remarks =
            [
                .. batches.Length == 5
                    ? []
                    : new[]
                    {
                        $"training: {batches.Length} of the five batches are "
                            + $"there ({string.Join(", ", batches)})",
                    },
                .. NoTest(test, "test_batch.bin"),
            ],
        };
    }

    /// <summary>Reads CIFAR-100 with its 100 fine classes: train.bin and test.bin.</summary>
    /// <param name="path">The folder of the files, or its parent.</param>
    /// <exception cref="DataException">There is no file, or a file is malformed.</exception>
    public static DataSet Hundred(string path)
    {
        var folder = Folder(path, "cifar-100", "cifar-100-binary", "train.bin");
        var test = Test(folder, "test.bin", 2, 100);
        var train = Read(Path.Combine(folder, "train.bin"), 2, 100);
        return new DataSet("cifar-100", 100, train, test, Attribution) { Remarks = [.. NoTest(test, "test.bin")] };
    }

    /// <summary>Returns the files of CIFAR-10 that exist.</summary>
    public static IReadOnlyList<string> TenFiles(string path)
    {
        var folder = Folder(path, "cifar-10", "cifar-10-batches-bin", "data_batch_1.bin");
        return There(folder, [.. Batches(folder), "test_batch.bin"]);
    }

    /// <summary>Returns the files of CIFAR-100 that exist.</summary>
    public static IReadOnlyList<string> HundredFiles(string path) =>
        There(Folder(path, "cifar-100", "cifar-100-binary", "train.bin"), ["train.bin", "test.bin"]);

    private static string[] There(string folder, string[] names) =>
        [.. names.Select(name => Path.Combine(folder, name)).Where(File.Exists)];

    private static string[] Batches(string folder) =>
        [
            .. Enumerable
                .Range(1, 5)
                .Select(batch => string.Create(CultureInfo.InvariantCulture, $"data_batch_{batch}.bin"))
                .Where(name => File.Exists(Path.Combine(folder, name))),
        ];

    private static string[] NoTest(LabeledImages? test, string file) =>
        test is null ? [$"no test set: {file} is missing"] : [];

    private static LabeledImages? Test(string folder, string name, int labels, int classes) =>
        File.Exists(Path.Combine(folder, name)) ? Read(Path.Combine(folder, name), labels, classes) : null;

    /// <summary>
    /// Returns the folder itself, the subfolder that the archive creates, or the only subfolder with the first file.
    /// </summary>
    private static string Folder(string path, string name, string made, string first)
    {
        bool Holds(string folder) => File.Exists(Path.Combine(folder, first));
        var place = UserFile.Shown(path, UserFile.PathLetters);
        if (new[] { path, Path.Combine(path, made) }.FirstOrDefault(Holds) is { } usual)
            return usual;
        string[] others = Directory.Exists(path)
            ? [.. Directory.EnumerateDirectories(path).Where(Holds).Order(StringComparer.Ordinal)]
            : [];
        return others switch
        {
            [var only] => only,
            [] => throw new DataException(
                $"{first} of {name} is neither in \"{place}\" nor in {made} there. `gyre "
                    + $"data get {name}` downloads it. Or set data.path to the folder of the .bin files (binary version)."
            ),
            _ => throw new DataException(
                $"{first} is in several folders of \"{place}\": "
                    + $"{UserFile.Names([.. others.Select(folder => Path.GetFileName(folder)!)])}. Set "
                    + "data.path to the "
                    + "right one."
            ),
        };
    }

    /// <param name="path">Path of one file.</param>
    /// <param name="labels">The number of label bytes per record; the last one is the class.</param>
    /// <param name="classes">The number of classes.</param>
    private static LabeledImages Read(string path, int labels, int classes)
    {
        var (record, length, name) = (labels + Pixels, LengthOf(path), UserFile.Shown(path, UserFile.PathLetters));
        if (length == 0 || length % record != 0)
            throw new DataException(
                $"{name} is truncated, or not the binary version: its {length} bytes are not a "
                    + $"whole number of records of {record}. Download the file again."
            );
        if (length / record > Array.MaxLength)
            throw new DataException($"{name} has {length / record} records; at most {Array.MaxLength} are read.");
        var count = (int)(length / record);
        var found = new MappedPixels(path, 0, record, labels, count);
        var classOf = new int[count];
        var one = new byte[labels];
        for (var i = 0; i < count; i++)
        {
            found.Read(i, one);
            if (labels == 2 && one[0] >= CoarseClasses)
                throw new DataException(
                    $"{name}: coarse label {one[0]} of record {i} is out of range; coarse labels "
                        + $"are 0 to {CoarseClasses - 1}. Is it the binary version?"
                );
            classOf[i] =
                one[^1] < classes
                    ? one[^1]
                    : throw new DataException(
                        $"{name}: label {one[^1]} of record {i} "
                            + $"is out of range; with {classes} classes labels are 0 to {classes - 1}. Is it "
                            + "the binary version?"
                    );
        }
        return new LabeledImages(new MappedPixels(path, labels, record, Pixels, count), [3, 32, 32], classOf);
    }

    private static long LengthOf(string path)
    {
        using var file = UserFile.Open(path);
        return file.Length;
    }

    private static LabeledImages Joined(LabeledImages[] parts) =>
        parts.Length == 1
            ? parts[0]
            : new LabeledImages(
                new JoinedPixels([.. parts.Select(part => part.Pixels)]),
                parts[0].SampleShape,
                [.. parts.SelectMany(part => part.Labels)]
            );
}
