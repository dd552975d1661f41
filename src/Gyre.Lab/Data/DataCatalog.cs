using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>What the targets of a data set are.</summary>
public enum TargetKind
{
    /// <summary>A class each: accuracy means something.</summary>
    Classes,

    /// <summary>Numbers, one for each output: regression, without an accuracy.</summary>
    Numbers,
}

/// <summary>What of a data set a run asks for; a source takes what it understands.</summary>
/// <param name="Path">Folder of files; "" for data inside the program.</param>
/// <param name="Samples">How many training samples.</param>
/// <param name="Subset">How they are chosen (<see cref="Data.Subset"/>).</param>
/// <param name="Seed">Of the choice.</param>
/// <param name="Degree">Of a polynomial.</param>
/// <param name="Targets">Numbers to be met.</param>
/// <param name="Dtype">Of inputs, and of targets that are numbers.</param>
/// <param name="Device">Where the tensors live.</param>
public sealed record DataRequest(
    string Path, int Samples, string Subset, long Seed, int Degree, IReadOnlyList<double> Targets, ScalarType Dtype, Device Device);

/// <summary>One line of the data catalog.</summary>
/// <param name="Name">As in a spec's <c>data.name</c>.</param>
/// <param name="Description">A line for people.</param>
/// <param name="NeedsPath">Whether <c>data.path</c> must name a folder.</param>
/// <param name="Targets">What is to be predicted.</param>
/// <param name="Load">Makes the tensors of a run.</param>
/// <param name="Read">Reads its files whole, for a check; null where the program makes the data by a formula.</param>
public sealed record DataSource(
    string Name, string Description, bool NeedsPath, TargetKind Targets, Func<DataRequest, DataTensors> Load, Func<string, DataSet>? Read = null)
{
    /// <summary>A source of labelled images.</summary>
    internal static DataSource OfImages(string name, string description, bool needsPath, Func<string, DataSet> read) =>
        new(name, description, needsPath, TargetKind.Classes, request => Images(read(request.Path), request), read);

    private static DataTensors Images(DataSet data, DataRequest request) =>
        new(data, Subset.Choose(data.Train.Labels, request.Samples, request.Subset, data.Classes, request.Seed), request.Dtype, request.Device);
}

/// <summary>The data catalog. A new data set is one new file and one line here.</summary>
public static class DataCatalog
{
    /// <summary>Every source, in order.</summary>
    public static IReadOnlyList<DataSource> Sources { get; } =
    [
        DataSource.OfImages("fashion-mnist", "Fashion-MNIST inside the program: 5,000 training images (500 a class) and the 10,000 test images", false, FashionMnist.Shipped),
        DataSource.OfImages("idx", "a folder with the four IDX files of MNIST, Fashion-MNIST, KMNIST or your own (plain or .gz), ten classes", true, IdxFolder.Read),
        new("chebyshev", "regression on a Chebyshev polynomial: 20 points on [-1, 1], no test set", false, TargetKind.Numbers, Regression.Chebyshev),
        new("targets", "one sample of ones with numbers to be met, data.targets: for networks that can be solved exactly", false, TargetKind.Numbers, Regression.Targets),
    ];

    /// <summary>Every name, in order.</summary>
    public static IReadOnlyList<string> Names => [.. Sources.Select(source => source.Name)];

    /// <summary>The source of a name.</summary>
    /// <exception cref="DataException">The name is not in the catalog.</exception>
    public static DataSource Find(string name) =>
        Sources.FirstOrDefault(source => source.Name == name)
        ?? throw new DataException($"'{name}' is not a data set; the catalog has {string.Join(", ", Names)}.");
}
