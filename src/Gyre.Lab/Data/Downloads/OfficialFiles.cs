namespace Gyre.Lab.Data.Downloads;

/// <summary>A file as published by its authors.</summary>
/// <param name="Name">Name in the data set's folder.</param>
/// <param name="Address">The address of the file.</param>
/// <param name="Md5">Checksum, as published or as used by common data loaders.</param>
internal sealed record OfficialFile(string Name, Uri Address, string Md5)
{
    /// <summary>Whether the file is an archive to unpack.</summary>
    public bool IsArchive => Name.EndsWith(".tar.gz", StringComparison.Ordinal);
}

/// <summary>The published files of the data sets that can be downloaded.</summary>
internal static class OfficialFiles
{
    private static readonly string[] Idx =
    [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ];

    private static readonly Dictionary<string, OfficialFile[]> Sets = new()
    {
        ["mnist"] = Four(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c"
        ),
        ["fashion-mnist-full"] = Four(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310"
        ),
        ["kmnist"] = Four(
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134"
        ),
        ["cifar-10"] =
        [
            new(
                "cifar-10-binary.tar.gz",
                new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
                "c32a1d4ab5d03f1284b67883e8d87530"
            ),
        ],
        ["cifar-100"] =
        [
            new(
                "cifar-100-binary.tar.gz",
                new("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"),
                "03b5dce01913d631647c71ecec9e9cb8"
            ),
        ],
    };

    /// <summary>Names of the data sets that can be downloaded.</summary>
    public static IReadOnlyList<string> Names => [.. Sets.Keys];

    /// <summary>Returns the files of a data set.</summary>
    /// <exception cref="DataException">The data set cannot be downloaded.</exception>
    public static IReadOnlyList<OfficialFile> Get(string name) =>
        Sets.TryGetValue(name, out var files)
            ? files
            : throw new DataException(
                $"'{name}' cannot be downloaded; `gyre data get` downloads {string.Join(", ", Names)}. For files "
                    + "of your own see `gyre data list`."
            );

    private static OfficialFile[] Four(string address, params string[] sums) =>
        [.. Idx.Zip(sums, (name, sum) => new OfficialFile(name, new Uri(address + name), sum))];
}
