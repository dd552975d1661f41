using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Running;

/// <summary>
/// A run whose samples are read from the disk in every step and every product is, byte for byte, the run that holds
/// them in memory.
/// </summary>
public sealed class StreamedRunTests : IDisposable
{
    private static readonly string[] Short =
    [
        "data.samples=0",
        "objective.chunk=7",
        "objective.cache_mb=0",
        "model.widths=[8]",
        "training.steps=6",
        "training.learning_rate=0.05",
        "curvature.every=3",
        "curvature.burst=1",
        "threads=1",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_images_in_two_files()
    {
        var random = new Random(1);
        byte[] Records(int count) =>
            [
                .. Enumerable
                    .Range(0, count)
                    .SelectMany(record =>
                    {
                        var pixels = new byte[3072];
                        random.NextBytes(pixels);
                        return pixels.Prepend((byte)(record % 10));
                    }),
            ];
        File.WriteAllBytes(_folder["data_batch_1.bin"], Records(18));
        File.WriteAllBytes(_folder["data_batch_2.bin"], Records(12));
        File.WriteAllBytes(_folder["test_batch.bin"], Records(20));
        AssertSame("data.name=cifar-10", $"data.path={_folder.Path}", "data.subset=first");
    }

    [Fact]
    public void Of_numbers_in_an_npy_file()
    {
        var random = new Random(2);
        Save("train_x.npy", [30, 4], random.NextDouble);
        Save("train_y.npy", [30, 1], random.NextDouble);
        AssertSame(
            "data.name=arrays",
            $"data.path={_folder.Path}",
            "data.subset=first",
            "objective.loss=squared-error",
            "dtype=float64"
        );
    }

    private void AssertSame(params string[] sets)
    {
        var (held, streamed) = (
            Made("held", [.. sets, "data.memory_mb=1000"]),
            Made("streamed", [.. sets, "data.memory_mb=0"])
        );
        Assert.Equal(7, held.ReadSteps().Count);
        Assert.Equal(3, held.ReadCurvature().Count);
        RunBytes.AssertSame(held.Folder, streamed.Folder);
    }

    private RunReader Made(string name, string[] sets)
    {
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(
                SpecReader.Read("quick", [.. Short, .. sets]),
                new RunFolder(_folder[name]),
                "test",
                TimeProvider.System,
                CancellationToken.None
            )
        );
        return RunReader.Open(_folder[name]);
    }

    private void Save(string name, int[] shape, Func<double> number)
    {
        var header =
            "{'descr': '<f8', 'fortran_order': False, 'shape': "
            + $"({string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture)))}), }}";
        header = header.PadRight((10 + header.Length + 64) / 64 * 64 - 11) + "\n";
        using var file = new BinaryWriter(File.Create(_folder[name]), System.Text.Encoding.ASCII);
        file.Write([0x93, .. "NUMPY"u8, 1, 0]);
        file.Write((ushort)header.Length);
        file.Write(header.ToCharArray());
        for (var i = 0; i < shape.Aggregate(1, (product, size) => product * size); i++)
            file.Write(number());
    }
}
