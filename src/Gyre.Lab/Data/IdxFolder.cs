namespace Gyre.Lab.Data;

/// <summary>A folder with the four files of an MNIST-like data set under their usual names, each plain or gzip, ten classes.</summary>
public static class IdxFolder
{
    private const int Classes = 10;

    private static readonly string[] Names =
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// <summary>Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (with or without .gz).</summary>
    /// <param name="set">Name in the catalog.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="DataException">The folder or a file is missing (all missing ones are named), or a file is not as it should be.</exception>
    public static DataSet Read(string set, string path)
    {
        var get = set == "idx" ? "" : $" `gyre data get {set}` fetches them.";
        if (!Directory.Exists(path))
            throw new DataException($"data.path = \"{path}\" is not a folder: it must hold the four IDX files (train-images-idx3-ubyte.gz, ...).{get}");
        var files = Names.Select(name => Find(path, name)).ToArray();
        var missing = Names.Where((_, i) => files[i] is null).ToArray();
        if (missing.Length > 0)
            throw new DataException($"\"{path}\" lacks {string.Join(", ", missing)} (each may end in .gz).{get}");
        var train = IdxReader.ReadPair(files[0]!, files[1]!, Classes);
        var test = IdxReader.ReadPair(files[2]!, files[3]!, Classes);
        if (!train.SampleShape.SequenceEqual(test.SampleShape))
            throw new DataException($"Training images are {string.Join("×", train.SampleShape)}, test images {string.Join("×", test.SampleShape)}: they do not belong together.");
        return new DataSet(set, Classes, train, test, $"files of {Path.GetFullPath(path)}") { ClassNames = set.StartsWith(FashionMnist.Name, StringComparison.Ordinal) ? FashionMnist.ClassNames : [] };
    }

    /// <summary>Those of the four files that are there.</summary>
    public static IReadOnlyList<string> Files(string path) => [.. Names.Select(name => Find(path, name)).OfType<string>()];

    private static string? Find(string folder, string name)
    {
        string[] candidates = [Path.Combine(folder, name), Path.Combine(folder, name + ".gz")];
        return candidates.FirstOrDefault(File.Exists);
    }
}
