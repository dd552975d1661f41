using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Data;

public sealed class TrainingDataTests
{
    private static readonly DataSet Tiny = new(
        "tiny",
        3,
        new LabeledImages([0, 255, 51, 102, 204, 0], [1, 2], [2, 0, 1]),
        new LabeledImages([255, 0], [1, 2], [1]),
        "nobody"
    );

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void The_test_set_is_standardised_by_the_training_subset_alone(ScalarType dtype, double tolerance)
    {
        using var data = TrainingData.Create(Tiny, First(2, dtype));

        // Subset pixels 0, 1, 0.2, 0.4: mean 0.4, variance (0.16 + 0.36 + 0.04 + 0) / 4 = 0.14.
        var (mean, deviation) = Assert.Single(data.Moments);
        Assert.Equal(0.4, mean, 1e-15);
        Assert.Equal(Math.Sqrt(0.14), deviation, 1e-15);
        Assert.Equal([2L, 1, 2], data.Train.Chunk(0).Inputs.shape);
        Assert.Equal(dtype, data.Train.Chunk(0).Inputs.dtype);
        Assert.Equal(0.6 / Math.Sqrt(0.14), Values(data.Test!)[0], tolerance);
        Assert.Equal(-0.4 / Math.Sqrt(0.14), Values(data.Test!)[1], tolerance);
    }

    [Fact]
    public void Labels_follow_their_images()
    {
        var (x, y) = (
            new LabeledImages([0, 255, 51, 102, 204, 0, 9, 9], [1, 2], [0, 1, 0, 1]),
            First(3, ScalarType.Float64)
        );
        using var data = TrainingData.Create(
            Tiny with
            {
                Classes = 2,
                Train = x,
                Test = null,
            },
            y with
            {
                Subset = "balanced",
            }
        );

        Assert.Equal(3, data.Train.Count);
        var labels = data.Train.Chunk(0).Targets.data<long>().ToArray();
        Assert.Equal([0, 0, 1], labels.Order());
    }

    [Fact]
    public void A_subset_of_the_shipped_data_has_mean_zero_and_deviation_one_by_an_independent_loop()
    {
        using var data = DataCatalog
            .Get("fashion-mnist")
            .Load(
                new DataRequest("")
                {
                    Samples = 1000,
                    Seed = 3,
                    Layout = new(1000, long.MaxValue, ScalarType.Float64, CPU),
                }
            );
        var values = Values(data.Train);
        // by image: one long sum would lose four digits
        var mean = values.Chunk(784).Sum(image => image.Sum()) / values.Length;

        Assert.Equal(784_000, values.Length);
        Assert.Equal(0, mean, 1e-12);
        Assert.Equal(
            1,
            values.Chunk(784).Sum(image => image.Sum(value => (value - mean) * (value - mean))) / values.Length,
            1e-12
        );
    }

    [Fact]
    public void A_subset_of_one_grey_is_refused() =>
        Assert.Throws<DataException>(() =>
            TrainingData.Create(
                Tiny with
                {
                    Train = new LabeledImages([9, 9], [1, 2], [0]),
                },
                First(1, ScalarType.Float32)
            )
        );

    [Fact]
    public void Colours_are_standardised_channel_by_channel()
    {
        // Two images of 1×2 pixels in three planes; the third channel is the second times two.
        var images = new LabeledImages([0, 100, 10, 30, 20, 60, 200, 100, 50, 70, 100, 140], [3, 1, 2], [0, 1]);
        using var data = TrainingData.Create(new DataSet("colour", 2, images, null, ""), First(0, ScalarType.Float64));
        var values = Values(data.Train);

        Assert.Null(data.Test);
        for (var channel = 0; channel < 3; channel++)
        {
            double[] plane =
            [
                values[2 * channel],
                values[2 * channel + 1],
                values[6 + 2 * channel],
                values[7 + 2 * channel],
            ];
            Assert.Equal(0, plane.Average(), 1e-14);
            Assert.Equal(1, plane.Average(value => value * value), 1e-14);
        }
        Assert.Equal(values[2], values[4], 1e-14); // the same picture in both channels
        Assert.Equal((100 - 100) / 255.0, values[1], 1e-14); // red: 0, 100, 200, 100
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Samples_that_stream_have_the_bytes_of_samples_that_are_kept(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        DataRequest Request(long bytes) =>
            new("")
            {
                Samples = 250,
                Seed = 1,
                Layout = new(100, bytes, dtype, CPU),
            };
        using var kept = DataCatalog.Get("fashion-mnist").Load(Request(long.MaxValue));
        using var streamed = DataCatalog.Get("fashion-mnist").Load(Request(1000));

        Assert.Equal((true, false), (((RowSamples)kept.Train).Resident, ((RowSamples)streamed.Train).Resident));
        Assert.Equal((3, 3), (kept.Train.Chunks, streamed.Train.Chunks));
        for (var chunk = 0; chunk < 3; chunk++)
        {
            Assert.Equal(
                kept.Train.Chunk(chunk).Inputs.bytes.ToArray(),
                streamed.Train.Chunk(chunk).Inputs.bytes.ToArray()
            );
            Assert.Equal(
                kept.Train.Chunk(chunk).Targets.data<long>().ToArray(),
                streamed.Train.Chunk(chunk).Targets.data<long>().ToArray()
            );
        }
        Assert.Equal([50L, 28, 28], streamed.Train.Chunk(2).Inputs.shape);
        Assert.Same(kept.Train.Chunk(1).Inputs, kept.Train.Chunk(1).Inputs);
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.25, 25)]
    [InlineData(0.333, 33)]
    [InlineData(1.0, 100)]
    public void Label_noise_changes_exactly_its_share_of_the_subset_and_nothing_else(double share, int changed)
    {
        int[] labels = [.. Enumerable.Range(0, 200).Select(i => i % 10)],
            chosen = [.. Enumerable.Range(0, 100).Select(i => 2 * i)];
        var noisy = LabelNoise.Apply(labels, chosen, 10, share, 7);

        Assert.Equal(changed, chosen.Count(sample => noisy[sample] != labels[sample]));
        Assert.All(
            Enumerable.Range(0, 100).Select(i => 2 * i + 1),
            sample => Assert.Equal(labels[sample], noisy[sample])
        );
        Assert.All(noisy, label => Assert.InRange(label, 0, 9));
        Assert.Equal(noisy, LabelNoise.Apply(labels, chosen, 10, share, 7));
    }

    [Fact]
    public void Other_classes_are_drawn_uniformly()
    {
        int[] labels = [.. Enumerable.Repeat(3, 9000)];
        var noisy = LabelNoise.Apply(labels, [.. Enumerable.Range(0, 9000)], 10, 1, 5);
        // Nine classes of 1000 each: a standard deviation of 30.
        Assert.All(
            Enumerable.Range(0, 10).Where(label => label != 3),
            label => Assert.InRange(noisy.Count(one => one == label), 880, 1120)
        );
    }

    [Fact]
    public void Everything_is_released_on_disposal()
    {
        using var unchanged = LiveTensors.AssertUnchanged();
        using var data = TrainingData.Create(Tiny, First(0, ScalarType.Float32));
        _ = data.Train.Chunk(0);
        _ = data.Test!.Chunk(0);
    }

    private static DataRequest First(int samples, ScalarType dtype) =>
        new("")
        {
            Samples = samples,
            Subset = "first",
            Layout = new(1000, long.MaxValue, dtype, CPU),
        };

    private static double[] Values(ISamples samples) =>
        samples.Chunk(0).Inputs.to(ScalarType.Float64).data<double>().ToArray();
}
