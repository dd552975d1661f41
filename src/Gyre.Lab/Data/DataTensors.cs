using System.Runtime.InteropServices;
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

    /// <summary>A pixel is one of 256 values: each is standardised once, in float64, and looked up.</summary>
    private Tensor Standardised(LabelledImages images, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var values = Enumerable.Range(0, 256).Select(pixel => (pixel / 255.0 - Mean) / Deviation).ToArray();
        // Memory of libtorch's own: matrix products round by its alignment, and an array of the runtime lies where it happens to.
        var filled = empty([images.Count, .. SampleShape], dtype: dtype);
        if (dtype == ScalarType.Float32)
            LookUp(images.Pixels, Array.ConvertAll(values, value => (float)value), filled.bytes);
        else
            LookUp(images.Pixels, values, filled.bytes);
        return filled.to(device).DetachFromDisposeScope();
    }

    private static void LookUp<T>(byte[] pixels, T[] values, Span<byte> filled)
        where T : struct
    {
        var found = MemoryMarshal.Cast<byte, T>(filled);
        for (var i = 0; i < pixels.Length; i++)
            found[i] = values[pixels[i]];
    }

    private static Tensor Labels(LabelledImages images, Device device)
    {
        using var scope = NewDisposeScope();
        return tensor(images.Labels, ScalarType.Byte).to(ScalarType.Int64, device).DetachFromDisposeScope();
    }
}
