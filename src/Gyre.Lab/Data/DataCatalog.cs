namespace Gyre.Lab.Data;

/// <summary>What the targets of a data set are.</summary>
internal enum TargetKind
{
    /// <summary>A class each: accuracy means something.</summary>
    Classes,

    /// <summary>Numbers, one for each output: regression, without an accuracy.</summary>
    Numbers,

    /// <summary>The next token at every place.</summary>
    Tokens,

    /// <summary>The files decide.</summary>
    Either,
}

/// <summary>Where the files of a data set are.</summary>
internal enum DataPlace
{
    /// <summary>Inside the program, or made by it.</summary>
    Program,

    /// <summary>In <c>data.path</c>, or where `gyre data get` put them.</summary>
    Known,

    /// <summary>In <c>data.path</c>.</summary>
    Path,
}

/// <summary>One line of the data catalog.</summary>
/// <param name="Name">As in a spec's <c>data.name</c>.</param>
/// <param name="Description">A line for people.</param>
/// <param name="Place">Where its files are.</param>
/// <param name="Targets">What is to be predicted.</param>
/// <param name="Make">Reads or makes it whole.</param>
internal sealed record DataSource(
    string Name,
    string Description,
    DataPlace Place,
    TargetKind Targets,
    Func<DataRequest, DataContent> Make
)
{
    /// <summary>
    /// The files that it reads at a path, in a fixed order; by default the path itself where it is a file.
    /// </summary>
    public Func<string, IReadOnlyList<string>> Files { get; init; } = path => File.Exists(path) ? [path] : [];

    /// <summary>The files of a <c>data.path</c> as a spec has it; none for data that the program makes.</summary>
    internal IReadOnlyList<string> FilesAt(string path) =>
        Place switch
        {
            DataPlace.Program => [],
            DataPlace.Known when path.Length == 0 => Files(DataFolder.GetPath(Name)),
            _ => Files(path),
        };

    /// <summary>Whether what it makes is drawn by seed.</summary>
    public bool IsDrawn { get; init; }

    /// <summary>Whether what is held out (<c>data.holdout</c>) is drawn by seed.</summary>
    public bool DrawsHeldOut { get; init; }

    /// <summary>Whether <c>data.path</c> must be set.</summary>
    public bool NeedsPath => Place == DataPlace.Path;

    /// <summary>Whether a run draws its samples from files.</summary>
    public bool HasFiles => Place != DataPlace.Program || Name == FashionMnist.Name;

    /// <summary>Reads or makes it whole, with its place checked.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public DataContent Read(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Place == DataPlace.Program && request.Path.Length > 0)
            throw new DataException(
                $"data.path is for data sets of files; {Name} is inside the program. {WithoutPath}"
            );
        if (NeedsPath && request.Path.Length == 0)
            throw new DataException($"data.name = \"{Name}\" needs data.path: {Description}.");
        DataChecksum.Check(this, request);
        var content = Make(
            Place == DataPlace.Known && request.Path.Length == 0
                ? request with
                {
                    Path = DataFolder.GetPath(Name),
                }
                : request
        );
        return content with { Remarks = [.. content.Remarks, .. SampleLayout.Remarks(content)] };
    }

    private string WithoutPath =>
        Name == FashionMnist.Name
            ? "For the full files use data.name = \"fashion-mnist-full\", or data.name = \"idx\" for your own."
            : "Leave data.path out.";

    /// <summary>What a run trains and tests on.</summary>
    /// <exception cref="DataException">It cannot be used.</exception>
    public TrainingData Load(DataRequest request) => TrainingData.Create(Read(request), request);
}

/// <summary>The data catalog. A new data set is one new file and one line here.</summary>
internal static class DataCatalog
{
    /// <summary>Every source, in order.</summary>
    public static IReadOnlyList<DataSource> Sources { get; } =
    [
        new(
            FashionMnist.Name,
            "Fashion-MNIST inside the program: 5,000 training images (500 a class) and the 10,000 test images",
            DataPlace.Program,
            TargetKind.Classes,
            _ => FashionMnist.Shipped()
        ),
        new(
            "fashion-mnist-full",
            "Fashion-MNIST, 60,000 and 10,000 images: its four IDX files",
            DataPlace.Known,
            TargetKind.Classes,
            request => IdxFolder.Read("fashion-mnist-full", request.Path)
        )
        {
            Files = IdxFolder.Files,
        },
        new(
            "mnist",
            "MNIST, handwritten digits, 60,000 and 10,000 images: its four IDX files",
            DataPlace.Known,
            TargetKind.Classes,
            request => IdxFolder.Read("mnist", request.Path)
        )
        {
            Files = IdxFolder.Files,
        },
        new(
            "kmnist",
            "Kuzushiji-MNIST, cursive Japanese, 60,000 and 10,000 images: its four IDX files",
            DataPlace.Known,
            TargetKind.Classes,
            request => IdxFolder.Read("kmnist", request.Path)
        )
        {
            Files = IdxFolder.Files,
        },
        new(
            "idx",
            "a folder with the four IDX files of MNIST, Fashion-MNIST, KMNIST or your own (plain or .gz), "
                + "ten classes; the two of the test set may be left out",
            DataPlace.Path,
            TargetKind.Classes,
            request => IdxFolder.Read("idx", request.Path)
        )
        {
            Files = IdxFolder.Files,
        },
        new(
            "cifar-10",
            "CIFAR-10, 50,000 and 10,000 colour images, ten classes: the binary version",
            DataPlace.Known,
            TargetKind.Classes,
            request => Cifar.Ten(request.Path)
        )
        {
            Files = Cifar.TenFiles,
        },
        new(
            "cifar-100",
            "CIFAR-100, 50,000 and 10,000 colour images, 100 classes: the binary version",
            DataPlace.Known,
            TargetKind.Classes,
            request => Cifar.Hundred(request.Path)
        )
        {
            Files = Cifar.HundredFiles,
        },
        new(
            "images",
            "a folder of PNG, JPEG, BMP, WebP or GIF files, train/CLASS/… and test/CLASS/… (the layout of "
                + "ImageNet), resized to data.size",
            DataPlace.Path,
            TargetKind.Classes,
            ImageFolder.Read
        )
        {
            Files = ImageFolder.Files,
        },
        new(
            "arrays",
            "numpy arrays: a folder with train_x.npy, train_y.npy, test_x.npy, test_y.npy, or an .npz with "
                + "these names or x and y",
            DataPlace.Path,
            TargetKind.Either,
            request => Arrays.Read(request.Path)
        )
        {
            Files = Arrays.Files,
        },
        new(
            "table",
            "a CSV or Parquet file: data.target names the column to be predicted, every other column is a feature",
            DataPlace.Path,
            TargetKind.Either,
            TableFile.Read
        )
        {
            DrawsHeldOut = true,
        },
        new(
            "text",
            "a text file, character by character: the next one is to be predicted everywhere in sequences of "
                + "data.context",
            DataPlace.Path,
            TargetKind.Tokens,
            request => TextFile.Read(request.Path, request.Context)
        ),
        new(
            "two-moons",
            "two interleaved half circles with noise (data.noise), two classes; data.samples of them and 1,000 to test",
            DataPlace.Program,
            TargetKind.Classes,
            TwoMoons.Make
        )
        {
            IsDrawn = true,
        },
        new(
            "chebyshev",
            "regression on a Chebyshev polynomial: 20 points on [-1, 1], no test set",
            DataPlace.Program,
            TargetKind.Numbers,
            Regression.Chebyshev
        ),
        new(
            "targets",
            "one sample of ones with numbers to be met, data.targets: for networks that can be solved exactly",
            DataPlace.Program,
            TargetKind.Numbers,
            Regression.Targets
        ),
    ];

    /// <summary>Every name, in order.</summary>
    public static IReadOnlyList<string> Names => [.. Sources.Select(source => source.Name)];

    /// <summary>The source of a name.</summary>
    /// <exception cref="DataException">The name is not in the catalog.</exception>
    public static DataSource Get(string name) =>
        Sources.FirstOrDefault(source => source.Name == name)
        ?? throw new DataException($"'{name}' is not a data set; the catalog has {string.Join(", ", Names)}.");
}
