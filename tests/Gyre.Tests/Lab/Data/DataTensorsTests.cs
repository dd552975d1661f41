using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Data;

public sealed class DataTensorsTests
{
    private static readonly DataSet Tiny = new(
        "tiny", 3, new LabelledImages([0, 255, 51, 102, 204, 0], [1, 2], [2, 0, 1]), new LabelledImages([255, 0], [1, 2], [1]), "nobody");

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void The_test_set_is_standardised_by_the_training_subset_alone(ScalarType dtype, double tolerance)
    {
        using var tensors = new DataTensors(Tiny, [0, 1], dtype, CPU);

        // Subset pixels 0, 1, 0.2, 0.4: mean 0.4, variance (0.16 + 0.36 + 0.04 + 0) / 4 = 0.14.
        Assert.Equal(0.4, tensors.Mean, 1e-15);
        Assert.Equal(Math.Sqrt(0.14), tensors.Deviation, 1e-15);
        Assert.Equal([2L, 1, 2], tensors.TrainInputs.shape);
        Assert.Equal(dtype, tensors.TrainInputs.dtype);
        Assert.Equal(0.6 / Math.Sqrt(0.14), Values(tensors.Test!.Value.Inputs)[0], tolerance);
        Assert.Equal(-0.4 / Math.Sqrt(0.14), Values(tensors.Test!.Value.Inputs)[1], tolerance);
    }

    [Fact]
    public void Labels_follow_their_images()
    {
        using var tensors = new DataTensors(Tiny, [0, 2], ScalarType.Float64, CPU);

        Assert.Equal([2L, 1L], tensors.TrainTargets.data<long>().ToArray());
        Assert.Equal([1L], tensors.Test!.Value.Targets.data<long>().ToArray());
        Assert.Equal(Enumerable.Max(Values(tensors.TrainInputs)), Values(tensors.TrainInputs)[1]); // 255, the second pixel of the first image
    }

    [Fact]
    public void A_subset_of_the_shipped_data_has_mean_zero_and_deviation_one_by_an_independent_loop()
    {
        var data = FashionMnist.Shipped("");
        using var tensors = new DataTensors(data, Subset.Choose(data.Train.Labels, 1000, "balanced", 10, 3), ScalarType.Float64, CPU);
        var values = tensors.TrainInputs.data<double>().ToArray();
        var mean = values.Chunk(784).Sum(image => image.Sum()) / values.Length; // by image: one long sum would lose four digits

        Assert.Equal(784_000, values.Length);
        Assert.Equal(0, mean, 1e-12);
        Assert.Equal(1, values.Chunk(784).Sum(image => image.Sum(value => (value - mean) * (value - mean))) / values.Length, 1e-12);
    }

    [Fact]
    public void A_subset_of_one_grey_is_refused() =>
        Assert.Throws<DataException>(() => new DataTensors(Tiny with { Train = new LabelledImages([9, 9], [1, 2], [0]) }, [0], ScalarType.Float32, CPU));

    [Fact]
    public void Everything_is_released_on_disposal()
    {
        using var unchanged = LiveTensors.AssertUnchanged();
        using var tensors = new DataTensors(Tiny, [0, 1, 2], ScalarType.Float32, CPU);
    }

    private static double[] Values(Tensor tensor)
    {
        using var doubles = tensor.to(ScalarType.Float64, copy: true);
        return doubles.data<double>().ToArray();
    }
}
