namespace Gyre.Lab.Data;

/// <summary>
/// A folder with the files of an MNIST-like data set under their usual names, each plain or gzip, with ten classes. The
/// two test files are optional.
/// </summary>
internal static class IdxFolder
{
    private const int Classes = 10;

    private static readonly string[] TrainNames = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];
    private static readonly string[] TestNames = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// <summary>
    /// Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte,
    /// with or without .gz; a dot before idx is accepted, too.
    /// </summary>
    /// <param name="set">Name in the catalog.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="DataException">The folder or files are missing (all are named), or a file is malformed.
    /// </exception>
    public static DataSet Read(string set, string path)
    {
        var get = set == "idx" ? "" : $" `gyre data get {set}` downloads them.";
        var place = UserFile.Shown(path, UserFile.PathLetters);
        if (!Directory.Exists(path))
            throw new DataException(
                $"data.path = \"{place}\" is not a folder. It must be a folder with the IDX files "
                    + $"({TrainNames[0]}.gz, ...).{get}"
            );
        var files = TrainNames.Concat(TestNames).ToDictionary(name => name, name => Found(path, name));
        var testIsThere = TestNames.Any(name => files[name].Length > 0);
        string[] missing = [.. TrainNames.Concat(testIsThere ? TestNames : []).Where(name => files[name].Length == 0)];
        if (missing.Length > 0)
            throw new DataException(
                $"\"{place}\" lacks {string.Join(", ", missing)} (each may end in .gz).{There(path)}{get}"
            );
        LabeledImages Pair(string[] names) => IdxReader.ReadPair(files[names[0]][0], files[names[1]][0], Classes);
        var (train, test) = (Pair(TrainNames), testIsThere ? Pair(TestNames) : null);
        if (test is not null && !train.SampleShape.SequenceEqual(test.SampleShape))
            throw new DataException(
                $"Training images are {string.Join("×", train.SampleShape)}, test images "
                    + $"{string.Join("×", test.SampleShape)}: they do not belong together."
            );
        return new DataSet(set, Classes, train, test, $"files of {Path.GetFullPath(path)}")
        {
            ClassNames = set.StartsWith(FashionMnist.Name, StringComparison.Ordinal) ? FashionMnist.ClassNames : [],
            Remarks = [.. Remarks(files, testIsThere)],
        };
    }

    /// <summary>Returns those of the four files that are read.</summary>
    public static IReadOnlyList<string> Files(string path) =>
        !Directory.Exists(path) ? [] : [.. TrainNames.Concat(TestNames).SelectMany(name => Found(path, name).Take(1))];

    private static IEnumerable<string> Remarks(Dictionary<string, string[]> files, bool testIsThere)
    {
        if (!testIsThere)
            yield return $"no test set: {string.Join(" and ", TestNames)} are missing";
        foreach (
            var (read, left) in files.Values.Where(found => found.Length > 1).Select(found => (found[0], found[1..]))
        )
            yield return $"not read: {UserFile.Names([.. left.Select(file => Path.GetFileName(file))])}; "
                + $"{UserFile.Shown(Path.GetFileName(read))} is read instead";
    }

    private static string There(string path)
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
        ];
        return files.Length == 0 ? " The folder is empty." : $" It contains {UserFile.Names(files)}.";
    }

    /// <summary>Returns the files of a name in every spelling in use; the first one is read.</summary>
    private static string[] Found(string folder, string name)
    {
        var dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        return
        [
            .. new[] { name, name + ".gz", dotted, dotted + ".gz" }
                .Select(file => Path.Combine(folder, file))
                .Where(File.Exists),
        ];
    }
}
