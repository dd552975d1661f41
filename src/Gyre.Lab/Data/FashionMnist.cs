namespace Gyre.Lab.Data;

/// <summary>Fashion-MNIST (Xiao et al. 2017): 28×28 gray images of clothing, ten classes.</summary>
internal static class FashionMnist
{
    /// <summary>Its name in the catalog.</summary>
    public const string Name = "fashion-mnist";

    private const int Classes = 10;
    private const string Attribution = "Fashion-MNIST, Zalando SE, MIT license, arXiv 1708.07747";

    /// <summary>Names of its classes, by number.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
    ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>
    /// The part that ships inside the program: 5,000 training images (the first 500 of each class) and all 10,000 test
    /// images.
    /// </summary>
    public static DataSet Shipped() =>
        new(
            Name,
            Classes,
            Resource("fashion-train-5000-images-idx3-ubyte.gz", "fashion-train-5000-labels-idx1-ubyte.gz"),
            Resource("fashion-t10k-images-idx3-ubyte.gz", "fashion-t10k-labels-idx1-ubyte.gz"),
            Attribution
        )
        {
            ClassNames = ClassNames,
        };

    private static LabeledImages Resource(string images, string labels) =>
        IdxReader.ReadPair(Open(images), images, Open(labels), labels, Classes);

    private static Stream Open(string name) =>
        typeof(FashionMnist).Assembly.GetManifestResourceStream($"Gyre.Lab.Data.Shipped.{name}")
        ?? throw new DataException(
            $"The program was built without its data {name}: build it again from a whole checkout."
        );
}
