namespace Gyre.Lab.Data;

/// <summary>One line of the data catalog.</summary>
/// <param name="Name">As in a spec's <c>data.name</c>.</param>
/// <param name="Description">A line for people.</param>
/// <param name="NeedsPath">Whether <c>data.path</c> must name a folder.</param>
/// <param name="Read">Reads it from that folder ("" for shipped data).</param>
public sealed record DataSource(string Name, string Description, bool NeedsPath, Func<string, DataSet> Read);

/// <summary>The data catalog. A new data set is one new file and one line here.</summary>
public static class DataCatalog
{
    /// <summary>Every source, in order.</summary>
    public static IReadOnlyList<DataSource> Sources { get; } =
    [
        new("fashion-mnist", "Fashion-MNIST inside the program: 5,000 training images (500 a class) and the 10,000 test images", false, FashionMnist.Shipped),
        new("idx", "a folder with the four IDX files of MNIST, Fashion-MNIST, KMNIST or your own (plain or .gz), ten classes", true, IdxFolder.Read),
    ];

    /// <summary>Every name, in order.</summary>
    public static IReadOnlyList<string> Names => [.. Sources.Select(source => source.Name)];

    /// <summary>The source of a name.</summary>
    /// <exception cref="DataException">The name is not in the catalog.</exception>
    public static DataSource Find(string name) =>
        Sources.FirstOrDefault(source => source.Name == name)
        ?? throw new DataException($"'{name}' is not a data set; the catalog has {string.Join(", ", Names)}.");
}
