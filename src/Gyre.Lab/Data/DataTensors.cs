using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>What a run trains and tests on, standardised by the mean and standard deviation over all pixels of the training subset. Owns its tensors.</summary>
public sealed class DataTensors : IDisposable
{
    /// <summary>Brings the subset and the whole test set to the device.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="chosen">Indices of the training subset.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="device">Where the tensors live.</param>
    /// <exception cref="DataException">Every pixel of the subset is the same.</exception>
    public DataTensors(DataSet data, IReadOnlyList<int> chosen, ScalarType dtype, Device device)
    {
        ArgumentNullException.ThrowIfNull(data);
        var train = data.Train.Take(chosen);
        (Mean, Deviation) = train.PixelMoments();
        if (Deviation == 0)
            throw new DataException("Every pixel of the training subset is the same: there is nothing to learn from.");
        SampleShape = [.. data.Train.SampleShape.Select(size => (long)size)];
        Classes = data.Classes;
        using var scope = NewDisposeScope();
        TrainInputs = Standardised(train, dtype, device);
        TrainLabels = Labels(train, device);
        TestInputs = Standardised(data.Test, dtype, device);
        TestLabels = Labels(data.Test, device);
    }

    /// <summary>Mean of the training subset's pixels, 0 to 1.</summary>
    public double Mean { get; }

    /// <summary>Their standard deviation.</summary>
    public double Deviation { get; }

    /// <summary>Shape of one sample.</summary>
    public IReadOnlyList<long> SampleShape { get; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary><c>[N, ...]</c></summary>
    public Tensor TrainInputs { get; }

    /// <summary><c>[N]</c>, int64.</summary>
    public Tensor TrainLabels { get; }

    /// <summary><c>[M, ...]</c></summary>
    public Tensor TestInputs { get; }

    /// <summary><c>[M]</c>, int64.</summary>
    public Tensor TestLabels { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        TrainInputs.Dispose();
        TrainLabels.Dispose();
        TestInputs.Dispose();
        TestLabels.Dispose();
    }

    private Tensor Standardised(LabelledImages images, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(images.Pixels, ScalarType.Byte).view([images.Count, .. SampleShape]);
        return bytes.to(ScalarType.Float64).div_(255.0).sub_(Mean).div_(Deviation).to(dtype, device).DetachFromDisposeScope();
    }

    private static Tensor Labels(LabelledImages images, Device device)
    {
        using var scope = NewDisposeScope();
        return tensor(images.Labels, ScalarType.Byte).to(ScalarType.Int64, device).DetachFromDisposeScope();
    }
}
