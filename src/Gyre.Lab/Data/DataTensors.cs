using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>What a run trains and tests on. Images are standardised by the mean and standard deviation over all pixels of the training subset. Owns its tensors.</summary>
public sealed class DataTensors : IDisposable
{
    /// <summary>Takes numbers to be met, without a test set.</summary>
    /// <param name="inputs"><c>[N, ...]</c>, owned from here on.</param>
    /// <param name="targets"><c>[N, outputs]</c>, of the inputs' dtype, owned from here on.</param>
    public DataTensors(Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        (TrainInputs, TrainTargets, SampleShape, Outputs) = (inputs, targets, inputs.shape[1..], targets.shape[1]);
    }

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
        (Outputs, Available) = (data.Classes, data.Train.Count);
        using var scope = NewDisposeScope();
        TrainInputs = Standardised(train, dtype, device);
        TrainTargets = Labels(train, device);
        Test = (Standardised(data.Test, dtype, device), Labels(data.Test, device));
    }

    /// <summary>Mean of the training subset's pixels, 0 to 1; NaN where there are none.</summary>
    public double Mean { get; } = double.NaN;

    /// <summary>Their standard deviation.</summary>
    public double Deviation { get; } = double.NaN;

    /// <summary>Training samples that there were to choose from; null where the program makes them.</summary>
    public long? Available { get; }

    /// <summary>Shape of one sample.</summary>
    public IReadOnlyList<long> SampleShape { get; }

    /// <summary>What a network must give for a sample: the number of classes, or of targets.</summary>
    public long Outputs { get; }

    /// <summary><c>[N, ...]</c></summary>
    public Tensor TrainInputs { get; }

    /// <summary>Classes <c>[N]</c>, int64, or numbers <c>[N, outputs]</c>.</summary>
    public Tensor TrainTargets { get; }

    /// <summary>Held out: inputs <c>[M, ...]</c> and targets as above; null where there is no test set.</summary>
    public (Tensor Inputs, Tensor Targets)? Test { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        TrainInputs.Dispose();
        TrainTargets.Dispose();
        Test?.Inputs.Dispose();
        Test?.Targets.Dispose();
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
