using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>
/// CIFAR-10 and CIFAR-100, binary version (Krizhevsky 2009): records of labels and 3×32×32 bytes, planes of red, green
/// and blue. Read as they are mapped, never whole.
/// </summary>
internal static class Cifar
{
    private const int Pixels = 3 * 32 * 32;
    private const int CoarseClasses = 20;
    private const string Attribution =
        "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; no declared licence";

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

    /// <summary>CIFAR-10: data_batch_1.bin to data_batch_5.bin, those that are there, and test_batch.bin.</summary>
    /// <param name="path">Their folder, or the one above.</param>
    /// <exception cref="DataException">No file is there, or one is not as it should be.</exception>
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

    /// <summary>CIFAR-100 with its 100 fine classes: train.bin and test.bin.</summary>
    /// <param name="path">Their folder, or the one above.</param>
    /// <exception cref="DataException">No file is there, or one is not as it should be.</exception>
    public static DataSet Hundred(string path)
    {
        var folder = Folder(path, "cifar-100", "cifar-100-binary", "train.bin");
        var test = Test(folder, "test.bin", 2, 100);
        var train = Read(Path.Combine(folder, "train.bin"), 2, 100);
        return new DataSet("cifar-100", 100, train, test, Attribution) { Remarks = [.. NoTest(test, "test.bin")] };
    }

    /// <summary>The files of CIFAR-10 that are there.</summary>
    public static IReadOnlyList<string> TenFiles(string path)
    {
        var folder = Folder(path, "cifar-10", "cifar-10-batches-bin", "data_batch_1.bin");
        return There(folder, [.. Batches(folder), "test_batch.bin"]);
    }

    /// <summary>The files of CIFAR-100 that are there.</summary>
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
        test is null ? [$"no test set: {file} is not there"] : [];

    private static LabeledImages? Test(string folder, string name, int labels, int classes) =>
        File.Exists(Path.Combine(folder, name)) ? Read(Path.Combine(folder, name), labels, classes) : null;

    /// <summary>
    /// The folder itself, the one in it that the archive makes, or the only one in it that holds the first file.
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
                    + $"data get {name}` fetches it; or set data.path to the folder of the .bin files (binary version)."
            ),
            _ => throw new DataException(
                $"{first} is in several folders of \"{place}\": "
                    + $"{UserFile.Names([.. others.Select(folder => Path.GetFileName(folder)!)])}. Set "
                    + "data.path to the "
                    + "one that is meant."
            ),
        };
    }

    /// <param name="path">One file.</param>
    /// <param name="labels">Label bytes of a record; the last is the class.</param>
    /// <param name="classes">Number of classes.</param>
    private static LabeledImages Read(string path, int labels, int classes)
    {
        var (record, length, name) = (labels + Pixels, LengthOf(path), UserFile.Shown(path, UserFile.PathLetters));
        if (length == 0 || length % record != 0)
            throw new DataException(
                $"{name} is truncated, or not the binary version: its {length} bytes are not a "
                    + $"whole number of records of {record}. Get the file again."
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
