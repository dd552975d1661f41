using System.IO.Compression;
using System.Text;
using Gyre.Lab.Data;
using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;
using Gyre.Tests.Lab.Data;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch.Weights;
using SkiaSharp;

namespace Gyre.Tests.Fuzz;

/// <summary>A reader and sound files that it reads; a new reader is one line of <see cref="All"/>.</summary>
/// <param name="Name">For people.</param>
/// <param name="File">Name that a file has.</param>
/// <param name="Sound">Contents that are changed.</param>
/// <param name="Read">Reads a folder with the file in it.</param>
internal sealed record FuzzKind(string Name, string File, byte[][] Sound, Action<string> Read)
{
    /// <summary>Makes a file of changed contents: where it is packed, with the right checksum.</summary>
    public Func<byte[], byte[]> Pack { get; init; } = bytes => bytes;

    /// <summary>What lies beside the file.</summary>
    public (string File, byte[] Bytes)[] Beside { get; init; } = [];

    private static byte[][] Arrays =>
        [Npy("<f4", "(2, 3)", 24), Npy("|u1", "(2, 2, 2)", 8), Npy(">i8", "(2,)", 16, fortran: true)];

    private static byte[] Labels => Npy("|u1", "(2,)", 2);

    private static byte[] Images => [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8];

    private static byte[] Numbers => [0, 0, 8, 1, 0, 0, 0, 2, 4, 7];

    private static byte[] Png =>
        PictureBytes.Png(
            3,
            2,
            4,
            [.. Enumerable.Range(0, 24).Select(i => (byte)(9 * i))],
            PictureBytes.Chunk("eXIf", PictureBytes.Exif(6)),
            PictureBytes.Chunk("gAMA", [0, 1, 0x86, 0xa0])
        );

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<FuzzKind> All { get; } =
    [
        new("npy", "train_x.npy", Arrays, folder => Gyre.Lab.Data.Arrays.Read(folder))
        {
            Beside = [("train_y.npy", Labels)],
        },
        new(
            "npz",
            "a.npz",
            [.. Arrays.Select(Npz)],
            folder => Gyre.Lab.Data.Arrays.Read(Path.Combine(folder, "a.npz"))
        ),
        new("npz, inside", "a.npz", Arrays, folder => Gyre.Lab.Data.Arrays.Read(Path.Combine(folder, "a.npz")))
        {
            Pack = Npz,
        },
        new("idx", "train-images-idx3-ubyte", [Images], ReadIdx) { Beside = [("train-labels-idx1-ubyte", Numbers)] },
        new("idx, labels", "train-labels-idx1-ubyte", [Numbers], ReadIdx)
        {
            Beside = [("train-images-idx3-ubyte", Images)],
        },
        new("gzip", "train-images-idx3-ubyte.gz", [Gzip(Images), [.. Gzip(Images[..9]), .. Gzip(Images[9..])]], ReadIdx)
        {
            Beside = [("train-labels-idx1-ubyte", Numbers)],
        },
        new(
            "cifar",
            "data_batch_1.bin",
            [
                [3, .. new byte[3072], 9, .. new byte[3072]],
            ],
            folder => Cifar.Ten(folder)
        ),
        new("safetensors", "a.safetensors", [Safetensors()], ReadSafetensors),
        new("weights", "a.pt", [Weights], ReadWeights),
        new("weights, inside", "a.pt", [Pickle], ReadWeights) { Pack = PackedPickle },
        new("weights, index", "a.json", ["""{"weight_map":{"a":"b.safetensors"}}"""u8.ToArray()], ReadWeights)
        {
            Beside = [("b.safetensors", Safetensors())],
        },
        new(
            "exported program",
            "a.pt2",
            [ProgramBytes.Archive(ProgramLayout.Folders), ProgramBytes.Archive(ProgramLayout.Parts)],
            ProgramBytes.Read
        ),
        new("exported program, its graph", "a.pt2", [ProgramBytes.Graph], ProgramBytes.Read)
        {
            Pack = json => ProgramBytes.WithGraph(ProgramLayout.Folders, json),
        },
        new("exported program, its graph in parts", "a.pt2", [ProgramBytes.Graph], ProgramBytes.Read)
        {
            Pack = json => ProgramBytes.WithGraph(ProgramLayout.Parts, json),
        },
        new("exported program, its list of tensors", "a.pt2", [ProgramBytes.Tensors], ProgramBytes.Read)
        {
            Pack = ProgramBytes.WithTensors,
        },
        new(
            "table of rates",
            "a.csv",
            ["step,rate\n0,0.1\n120.0,1e-2\n"u8.ToArray(), "0;0.1\n7;0.2"u8.ToArray()],
            ReadRates
        ),
        new("png", "a.png", [Png], ReadPicture),
        new(
            "png, inside",
            "a.png",
            [
                [0, 3, 0, 2, 8, 2, .. Rows(2, 9)],
            ],
            ReadPicture
        )
        {
            Pack = PackedPng,
        },
        new(
            "jpeg",
            "a.jpg",
            [PictureBytes.Jpeg([10, 20, 30, 40]), PictureBytes.WithExif(Encoded(SKEncodedImageFormat.Jpeg), 6)],
            ReadPicture
        ),
        new("gif", "a.gif", [PictureBytes.Gif(2)], ReadPicture),
        new("webp", "a.webp", [Encoded(SKEncodedImageFormat.Webp)], ReadPicture),
    ];

    private static void ReadIdx(string folder) => IdxFolder.Read("idx", folder);

    private static void ReadRates(string folder)
    {
        try
        {
            RateTable.Read(Path.Combine(folder, "a.csv"));
        }
        catch (SpecException error)
        {
            throw new DataException(error.InOneLine);
        }
    }

    private static void ReadPicture(string folder) =>
        PictureDecoder.Square(Directory.EnumerateFiles(folder, "a.*").Single(), 8);

    private static void ReadSafetensors(string folder)
    {
        var path = Path.Combine(folder, "a.safetensors");
        var entries = Gyre.Torch.Safetensors.Describe(path).Entries;
        foreach (var entry in entries.Where(entry => entry.Dtype is TorchSharp.torch.ScalarType.Float32))
            Gyre.Torch.Safetensors.ReadFloats(path, entry.Name);
    }

    private static byte[] Pickle => PickleWriter.Write(Checkpoint, wrapsParameters: true).Pickle;

    private static byte[] Weights => SavedFile.Bytes(Checkpoint, ("0", Floats));

    private static float[] Floats => [1, 2, 3, 4];

    /// <summary>With most of what a checkpoint of a training holds.</summary>
    private static PickledPairs Checkpoint
    {
        get
        {
            var matrix = new PickledTensor(new PickledStorage("0", "FloatStorage", 4), [2, 2], [1, 2], Trains: true);
            var slot = new PickledPairs(("step", 12), ("exp_avg_sq", matrix));
            var group = new PickledPairs(
                ("lr", 1e-3),
                ("betas", new object?[] { 0.9, null }),
                ("params", new PickledList(0))
            );
            return new(
                ("epoch", long.MaxValue),
                ("state_dict", new PickledPairs(("module.a", matrix), ("module.b", matrix))),
                ("args", new PickledCall(new PickledName("my.code", "Args"), true)),
                (
                    "optimizer",
                    new PickledPairs(("state", new PickledPairs((0, slot))), ("param_groups", new PickledList(group)))
                )
            );
        }
    }

    /// <summary>A pickle in an archive whose checksums are right.</summary>
    private static byte[] PackedPickle(byte[] pickle) =>
        SavedFile.Zip([
            ("a/data.pkl", pickle),
            ("a/data/0", [.. Floats.SelectMany(BitConverter.GetBytes)]),
            ("a/version", "3\n"u8.ToArray()),
        ]);

    private static void ReadWeights(string folder)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var path = Directory.EnumerateFiles(folder, "a.*").Single();
        WeightsFile.Check(path);
        WeightsFile.Read(path, withOptimizer: true).For(["a"]);
        WeightsFile.Sha256(path);
    }

    /// <summary>A PNG whose checksums are right: sides, depth and kind by the first bytes, then its data.</summary>
    private static byte[] PackedPng(byte[] bytes) =>
        PictureBytes.Png(
            Side(bytes, 0),
            Side(bytes, 2),
            At(bytes, 4),
            At(bytes, 5) % 8,
            bytes[Math.Min(bytes.Length, 6)..],
            PictureBytes.Chunk("eXIf", bytes)
        );

    private static byte At(byte[] bytes, int place) => place < bytes.Length ? bytes[place] : (byte)0;

    private static int Side(byte[] bytes, int place) => (At(bytes, place) << 8) + At(bytes, place + 1);

    private static byte[] Npy(string type, string shape, int bytes, bool fortran = false)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}\n";
        return
        [
            0x93,
            .. "NUMPY"u8,
            1,
            0,
            .. BitConverter.GetBytes((ushort)header.Length),
            .. Encoding.Latin1.GetBytes(header),
            .. Enumerable.Range(0, bytes).Select(i => (byte)(i % 2)),
        ];
    }

    /// <summary>Rows of a PNG, each after its filter.</summary>
    private static byte[] Rows(int rows, int width) =>
        [.. Enumerable.Range(0, rows * (width + 1)).Select(i => (byte)(i % (width + 1) == 0 ? 0 : 9 * i))];

    private static byte[] Npz(byte[] array)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in new[] { ("x.npy", array), ("y.npy", Labels) })
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    private static byte[] Safetensors()
    {
        var header = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"step":"3"}}"""u8;
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[8]];
    }

    private static byte[] Encoded(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(9, 7);
        for (var i = 0; i < 63; i++)
            bitmap.SetPixel(i % 9, i / 9, new SKColor((byte)(3 * i), (byte)(255 - i), (byte)(i * i)));
        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }
}
