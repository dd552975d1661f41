using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>CIFAR-10 and CIFAR-100, binary version (Krizhevsky 2009): records of labels and 3×32×32 bytes, planes of red, green and blue. Read as they are mapped, never whole.</summary>
public static class Cifar
{
    private const int Pixels = 3 * 32 * 32;
    private const string Attribution = "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; no declared licence";

    private static readonly string[] TenNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>CIFAR-10: data_batch_1.bin to data_batch_5.bin, those that are there, and test_batch.bin.</summary>
    /// <param name="path">Their folder, or the one above.</param>
    /// <exception cref="DataException">No file is there, or one is not as it should be.</exception>
    public static DataSet Ten(string path)
    {
        var folder = Folder(path, "cifar-10", "cifar-10-batches-bin", "data_batch_1.bin");
        var batches = Batches(folder);
        var train = Joined([.. batches.Select(name => Read(Path.Combine(folder, name), 1, 10))]);
        return new DataSet("cifar-10", 10, train, Test(folder, "test_batch.bin", 1, 10), Attribution)
        {
            ClassNames = TenNames,
            Remarks = batches.Length == 5 ? [] : [$"training: {batches.Length} of the five batches are there ({string.Join(", ", batches)})"],
        };
    }

    /// <summary>CIFAR-100 with its 100 fine classes: train.bin and test.bin.</summary>
    /// <param name="path">Their folder, or the one above.</param>
    /// <exception cref="DataException">No file is there, or one is not as it should be.</exception>
    public static DataSet Hundred(string path)
    {
        var folder = Folder(path, "cifar-100", "cifar-100-binary", "train.bin");
        return new DataSet("cifar-100", 100, Read(Path.Combine(folder, "train.bin"), 2, 100), Test(folder, "test.bin", 2, 100), Attribution);
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
        .. Enumerable.Range(1, 5).Select(batch => string.Create(CultureInfo.InvariantCulture, $"data_batch_{batch}.bin"))
            .Where(name => File.Exists(Path.Combine(folder, name))),
    ];

    private static LabelledImages? Test(string folder, string name, int labels, int classes) =>
        File.Exists(Path.Combine(folder, name)) ? Read(Path.Combine(folder, name), labels, classes) : null;

    /// <summary>The folder itself, the one in it that the archive makes, or any in it that holds the first file.</summary>
    private static string Folder(string path, string name, string made, string first)
    {
        string[] candidates = Directory.Exists(path) ? [path, Path.Combine(path, made), .. Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal)] : [];
        return candidates.FirstOrDefault(folder => File.Exists(Path.Combine(folder, first)))
            ?? throw new DataException($"{first} of {name} is neither in \"{path}\" nor in {made} there. `gyre data get {name}` fetches it; or set data.path to the folder of the .bin files (binary version).");
    }

    /// <param name="path">One file.</param>
    /// <param name="labels">Label bytes of a record; the last is the class.</param>
    /// <param name="classes">Number of classes.</param>
    private static LabelledImages Read(string path, int labels, int classes)
    {
        var (record, length) = (labels + Pixels, LengthOf(path));
        if (length == 0 || length % record != 0)
            throw new DataException($"{path} is truncated, or not the binary version: its {length} bytes are not a whole number of records of {record}. Get the file again.");
        var count = (int)(length / record);
        var found = new MappedPixels(path, labels - 1, record, 1, count);
        var classOf = new int[count];
        var one = new byte[1];
        for (var i = 0; i < count; i++)
        {
            found.Read(i, one);
            classOf[i] = one[0] < classes ? one[0] : throw new DataException($"{path}: label {one[0]} of record {i} is out of range; with {classes} classes labels are 0 to {classes - 1}. Is it the binary version?");
        }
        return new LabelledImages(new MappedPixels(path, labels, record, Pixels, count), [3, 32, 32], classOf);
    }

    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static LabelledImages Joined(LabelledImages[] parts) =>
        parts.Length == 1 ? parts[0] : new LabelledImages(new JoinedPixels([.. parts.Select(part => part.Pixels)]), parts[0].SampleShape, [.. parts.SelectMany(part => part.Labels)]);
}
