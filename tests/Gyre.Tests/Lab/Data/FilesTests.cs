using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using Parquet;
using Parquet.Schema;
using SkiaSharp;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Data;

/// <summary>CIFAR, image folders, tables, text and two moons, each from files made here.</summary>
public sealed class FilesTests : IDisposable
{
    private static readonly byte[] Red = [255, 0, 0];

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Cifar_records_are_a_label_and_three_planes()
    {
        File.WriteAllBytes(
            _folder["data_batch_1.bin"],
            [3, .. Plane(10), .. Plane(20), .. Plane(30), 9, .. Plane(1), .. Plane(2), .. Plane(3)]
        );
        File.WriteAllBytes(_folder["data_batch_2.bin"], [0, .. Plane(100), .. Plane(0), .. Plane(7)]);
        var data = Cifar.Ten(_folder.Path);

        Assert.Equal([3, 9, 0], data.Train.Labels);
        Assert.Equal([3, 32, 32], data.Train.SampleShape);
        Assert.Null(data.Test);
        Assert.Equal(2, data.Remarks.Count);
        Assert.Contains("2 of the five batches", data.Remarks[0], StringComparison.Ordinal);
        Assert.Contains("no test set: test_batch.bin", data.Remarks[1], StringComparison.Ordinal);
        var image = new byte[3072];
        data.Train.Pixels.Read(1, image);
        Assert.Equal([1, 2, 3], new[] { image[0], image[1024], image[3071] });
        data.Train.Pixels.Read(2, image);
        Assert.Equal([100, 0, 7], new[] { image[0], image[1024], image[3071] });
    }

    [Fact]
    public void Cifar_files_that_are_truncated_foreign_or_missing_are_refused()
    {
        File.WriteAllBytes(_folder["data_batch_1.bin"], [3, .. Plane(10), .. Plane(20)]);
        Assert.Contains("truncated", Refused(() => Cifar.Ten(_folder.Path)), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["data_batch_1.bin"], [77, .. Plane(10), .. Plane(20), .. Plane(30)]);
        Assert.Contains("label 77 of record 0", Refused(() => Cifar.Ten(_folder.Path)), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["train.bin"], [20, 3, .. Plane(10), .. Plane(20), .. Plane(30)]);
        Assert.Contains(
            "coarse label 20 of record 0",
            Refused(() => Cifar.Hundred(_folder.Path)),
            StringComparison.Ordinal
        );
        File.Delete(_folder["train.bin"]);
        foreach (var place in new[] { "one", "two" })
        {
            Directory.CreateDirectory(_folder[place]);
            File.WriteAllBytes(_folder[$"{place}/train.bin"], []);
        }
        Assert.Contains("several folders", Refused(() => Cifar.Hundred(_folder.Path)), StringComparison.Ordinal);
        Directory.Delete(_folder["one"], recursive: true);
        Directory.Delete(_folder["two"], recursive: true);
        Assert.Contains(
            "gyre data get cifar-100",
            Refused(() => Cifar.Hundred(_folder.Path)),
            StringComparison.Ordinal
        );
    }

    /// <summary>The means that are published for the whole training set are near those of its first fifth.</summary>
    [Fact]
    public void The_real_first_batch_of_cifar_10_has_the_published_moments()
    {
        var real = Path.Combine(Source.Root, "..", "shared", "data");
        Assert.SkipUnless(Directory.Exists(real), "the real CIFAR-10 files are not here");
        var data = Cifar.Ten(real);
        var moments = data.Train.PixelMoments([.. Enumerable.Range(0, data.Train.Count)]);

        Assert.Equal((10_000, 10_000), (data.Train.Count, data.Test!.Count));
        Assert.All(data.Test.ClassCounts(10), count => Assert.Equal(1000, count));
        Assert.All(
            moments.Zip([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
            channel =>
            {
                Assert.Equal(channel.Second, channel.First.Mean, 0.005);
                Assert.Equal(channel.Third, channel.First.Deviation, 0.005);
            }
        );
    }

    [Fact]
    public void Image_files_are_read_by_class_resized_and_cut_square_in_the_middle()
    {
        using var _ = new CacheIn(_folder["cache"]);
        // the middle square is red
        Picture("train/b/wide.png", 8, 4, x => x is >= 2 and < 6 ? SKColors.Red : SKColors.Blue);
        Picture("train/a/green.bmp", 4, 4, _ => SKColors.Lime, SKEncodedImageFormat.Png);
        Picture("val/a/grey.png", 4, 4, _ => new SKColor(128, 128, 128));
        var data = ImageFolder.Read(new DataRequest(_folder.Path) { Size = 4 });

        Assert.Equal(["a", "b"], data.ClassNames);
        Assert.Equal([0, 1, 0], data.Train.Labels.Concat(data.Test!.Labels));
        var image = new byte[48];
        data.Train.Pixels.Read(1, image);
        Assert.Equal(Red.SelectMany(value => Enumerable.Repeat(value, 16)), image);
        data.Test.Pixels.Read(0, image);
        Assert.All(image, value => Assert.Equal(128, value));
        var cached = Directory.GetFiles(_folder["cache"], "*", SearchOption.AllDirectories);
        Assert.Equal(2, cached.Length);
        ImageFolder.Read(new DataRequest(_folder.Path) { Size = 4 }); // from the cache
        Assert.Equal(cached.Order(), Directory.GetFiles(_folder["cache"], "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public void A_damaged_image_is_named_and_leaves_nothing_in_the_cache()
    {
        using var _ = new CacheIn(_folder["cache"]);
        Picture("a/good.png", 4, 4, _ => SKColors.Red);
        Directory.CreateDirectory(_folder["b"]);
        File.WriteAllText(_folder["b/bad.png"], "no image");
        Assert.Contains(
            "bad.png is not an image",
            Refused(() => ImageFolder.Read(new DataRequest(_folder.Path))),
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFiles(_folder["cache"], "*", SearchOption.AllDirectories));
        Assert.Contains(
            "every class needs one",
            Refused(() => ImageFolder.Read(new DataRequest(_folder["a"]))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_table_has_features_targets_and_rows_held_out()
    {
        File.WriteAllText(
            _folder["t.csv"],
            "size,rooms,price\n"
                + string.Concat(
                    Enumerable.Range(0, 10).Select(i => FormattableString.Invariant($"{i},{10 - i},{2.5 * i}\n"))
                )
        );
        var request = new DataRequest(_folder["t.csv"])
        {
            Target = "price",
            HoldOut = 0.3,
            Layout = new(1000, long.MaxValue, ScalarType.Float64, CPU),
        };
        using var data = DataCatalog.Get("table").Load(request);

        Assert.Equal((7L, 3L, 1L, true), (data.Train.Count, data.Test!.Count, data.Outputs, data.Numbers));
        var prices = data.Train.Chunk(0).Targets.data<double>().Concat(data.Test.Chunk(0).Targets.data<double>());
        Assert.Equal(Enumerable.Range(0, 10).Select(i => 2.5 * i), prices.Order());
        var x = data.Train.Chunk(0).Inputs;
        Assert.Equal(0, x.sum().item<double>(), 1e-12);
        Assert.Equal(14, x.square().sum().item<double>(), 1e-12); // 7 rows of two features, each of deviation 1
    }

    [Fact]
    public void Text_targets_are_classes_and_cells_that_are_no_numbers_are_named()
    {
        File.WriteAllText(_folder["t.csv"], "a;b;kind\n1;2;cat\n3;x;dog\n5;6;cat\n");
        Assert.Contains("row 2 has \"x\" in column \"b\"", Refused(() => Load("kind")), StringComparison.Ordinal);
        Assert.Contains("has no column \"kin\"", Refused(() => Load("kin")), StringComparison.Ordinal);
        File.WriteAllText(_folder["t.csv"], "a;b;kind\n1;2;cat\n3;4;dog\n5;6;cat\n");
        var data = (NumberSet)Load("kind");
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal([0, 1, 0], data.Train.Labels!);
        Assert.Equal(["a", "b"], data.FeatureNames);

        object Load(string target) =>
            DataCatalog.Get("table").Read(new DataRequest(_folder["t.csv"]) { Target = target, HoldOut = 0 });
    }

    [Fact]
    public async Task Parquet_is_a_table_like_csv()
    {
        var fields = new DataField[] { new DataField<double>("a"), new DataField<int>("kind") };
        await using (var stream = File.Create(_folder["t.parquet"]))
        await using (
            var writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(fields),
                stream,
                cancellationToken: TestContext.Current.CancellationToken
            )
        )
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<double>(
                fields[0],
                new[] { 0.5, 1.5, 2.5 },
                cancellationToken: TestContext.Current.CancellationToken
            );
            await group.WriteAsync<int>(
                fields[1],
                new[] { 7, 5, 7 },
                cancellationToken: TestContext.Current.CancellationToken
            );
            group.CompleteValidate();
        }
        var data = TableFile.Read(new DataRequest(_folder["t.parquet"]) { Target = "kind", HoldOut = 0 });
        Assert.Equal(["5", "7"], data.ClassNames);
        Assert.Equal([1, 0, 1], data.Train.Labels!);
        var row = new double[1];
        data.Train.Features.Read(2, row);
        Assert.Equal(2.5, row[0]);
        File.WriteAllText(_folder["bad.parquet"], "not parquet");
        Assert.Contains(
            "cannot be read as Parquet",
            Refused(() => TableFile.Read(new DataRequest(_folder["bad.parquet"]) { Target = "kind" })),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_text_is_sequences_with_the_characters_after_them()
    {
        File.WriteAllText(_folder["t.txt"], "abcabcabcabcabcabcab"); // 20: 18 to train, 2 held out
        using var data = DataCatalog.Get("text").Load(new DataRequest(_folder["t.txt"]) { Context = 5 });

        Assert.Equal((true, 3L, 3L, null), (data.Tokens, data.Outputs, data.Train.Count, data.Test));
        var (inputs, targets) = data.Train.Chunk(0);
        Assert.Equal([0L, 1, 2, 0, 1], inputs[0].data<long>().ToArray());
        Assert.Equal([1L, 2, 0, 1, 2], targets[0].data<long>().ToArray());
        Assert.Contains("too short", Refused(() => TextFile.Read(_folder["t.txt"], 18)), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["t.bin"], [0xff, 0xfe, 0xfa]);
        Assert.Contains("not UTF-8 text", Refused(() => TextFile.Read(_folder["t.bin"], 2)), StringComparison.Ordinal);
    }

    /// <summary>A duck is two units of UTF-16 and four bytes; an e with a mark of its own is two characters.</summary>
    [Fact]
    public void Characters_of_a_text_are_code_points_and_the_vocabulary_shows_each_whole()
    {
        File.WriteAllText(_folder["t.txt"], string.Concat(Enumerable.Repeat("a🦆b🦢e\u0301\n", 10)));
        var text = TextFile.Read(_folder["t.txt"], 5);
        Assert.Equal(7, text.Vocabulary.Count);
        Assert.Equal((63, 7), (text.Train.Length, text.Test.Length));
        Assert.Equal([1, 5, 2, 6, 3, 4, 0], text.Train[..7]); // in the order of code points
        Assert.Contains("70 characters, 7 distinct", text.Remarks);
        Assert.Contains(
            DataDescription.Describe(text),
            line => line.EndsWith("vocabulary of 7: \\u000aabe\u0301🦆🦢", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Without_noise_two_moons_lie_on_their_half_circles()
    {
        var data = TwoMoons.Make(
            new DataRequest("")
            {
                Samples = 100,
                Noise = 0,
                Seed = 4,
            }
        );
        var place = new double[2];
        for (var i = 0; i < 100; i++)
        {
            data.Train.Features.Read(i, place);
            var (x, y) = data.Train.Labels![i] == 0 ? (place[0], place[1]) : (1 - place[0], 0.5 - place[1]);
            Assert.Equal(1, x * x + y * y, 1e-12);
            Assert.True(y >= 0);
        }
    }

    [Fact]
    public void More_samples_than_there_are_says_what_to_do() =>
        Assert.Contains(
            "0 uses all",
            Refused(() => DataCatalog.Get("fashion-mnist").Load(new DataRequest("") { Samples = 99_999 })),
            StringComparison.Ordinal
        );

    private void Picture(
        string path,
        int width,
        int height,
        Func<int, SKColor> colour,
        SKEncodedImageFormat format = SKEncodedImageFormat.Png
    )
    {
        using var bitmap = new SKBitmap(width, height);
        for (var x = 0; x < width; x++)
        {
            for (var y = 0; y < height; y++)
                bitmap.SetPixel(x, y, colour(x));
        }
        using var data = bitmap.Encode(format, 100);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllBytes(_folder[path], data.ToArray());
    }

    private static byte[] Plane(byte value) => [.. Enumerable.Repeat(value, 1024)];

    private static string Refused(Func<object> read) => Assert.Throws<DataException>(read).Message;
}
