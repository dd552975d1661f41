using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>The layout of samples that a run requests.</summary>
/// <param name="Chunk">Samples per chunk.</param>
/// <param name="MemoryBytes">Memory budget. Samples that exceed it are created again whenever they are
/// requested.</param>
/// <param name="Dtype">Float32 or Float64.</param>
/// <param name="Device">The device of the chunks.</param>
internal sealed record Layout(int Chunk, long MemoryBytes, ScalarType Dtype, Device Device);

/// <summary>
/// Samples that are created row by row from disk or memory. If all of them fit the budget, every chunk is created once
/// and kept. Otherwise chunks are created on every request, with the same bytes: training is exact for data of any
/// size, but as slow as the disk.
/// </summary>
internal abstract class RowSamples : ISamples
{
    private readonly int[] _chosen;
    private readonly Layout _layout;
    private readonly (Tensor Inputs, Tensor Targets)?[] _kept;

    /// <summary>Creates the samples. The first chunk is created when it is requested.</summary>
    /// <param name="chosen">Indices of the rows, in order.</param>
    /// <param name="sampleShape">Shape of one sample.</param>
    /// <param name="layout">Chunks, memory budget, dtype, device.</param>
    protected RowSamples(IReadOnlyList<int> chosen, IReadOnlyList<long> sampleShape, Layout layout)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentNullException.ThrowIfNull(layout);
        (_chosen, SampleShape, _layout) = ([.. chosen], sampleShape, layout);
        _kept = new (Tensor, Tensor)?[(_chosen.Length + layout.Chunk - 1) / layout.Chunk];
        Resident = (double)Count * SampleSize * Width <= layout.MemoryBytes;
    }

    /// <inheritdoc/>
    public long Count => _chosen.Length;

    /// <inheritdoc/>
    public IReadOnlyList<long> SampleShape { get; }

    /// <inheritdoc/>
    public Device Device => _layout.Device;

    /// <inheritdoc/>
    public int Chunks => _kept.Length;

    /// <summary>Whether chunks are kept once they are created.</summary>
    public bool Resident { get; }

    /// <summary>Dtype of the inputs.</summary>
    protected virtual ScalarType InputType => _layout.Dtype;

    private long SampleSize => SampleShape.Aggregate(1L, (product, size) => product * size);

    private int Width => InputType == ScalarType.Float32 ? 4 : 8;

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) Chunk(int index)
    {
        if (_kept[index] is { } kept)
            return kept;
        var rows = _chosen.AsMemory(
            index * _layout.Chunk,
            Math.Min(_layout.Chunk, _chosen.Length - index * _layout.Chunk)
        );
        using var scope = NewDisposeScope();
        var (inputs, targets) = (Inputs(rows.Span), Targets(rows, _layout.Dtype).to(_layout.Device));
        if (!Resident)
            return (inputs.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope());
        _kept[index] = (inputs.DetachFromDisposeScope(), targets.DetachFromDisposeScope());
        return _kept[index]!.Value;
    }

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) Pick(ReadOnlyMemory<int> samples)
    {
        var rows = Array.ConvertAll(samples.ToArray(), sample => _chosen[sample]);
        using var scope = NewDisposeScope();
        return (
            Inputs(rows).MoveToOuterDisposeScope(),
            Targets(rows, _layout.Dtype).to(_layout.Device).MoveToOuterDisposeScope()
        );
    }

    /// <summary>Writes one sample's inputs.</summary>
    /// <param name="row">Index of the sample's row.</param>
    /// <param name="into">Values of <see cref="InputType"/>, as bytes.</param>
    protected abstract void Fill(int row, Span<byte> into);

    /// <summary>Returns the targets of the rows, on the CPU.</summary>
    protected abstract Tensor Targets(ReadOnlyMemory<int> rows, ScalarType dtype);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _kept)
        {
            kept?.Inputs.Dispose();
            kept?.Targets.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the classes of rows, <c>[B]</c>.</summary>
    protected static Tensor Classes(ReadOnlyMemory<int> rows, int[] labels)
    {
        var classes = new long[rows.Length];
        for (var i = 0; i < classes.Length; i++)
            classes[i] = labels[rows.Span[i]];
        return tensor(classes, device: CPU);
    }

    /// <summary>
    /// Returns the inputs of rows in memory allocated by libtorch: the rounding of matrix products depends on the
    /// alignment of memory, and arrays of the runtime have any alignment.
    /// </summary>
    private Tensor Inputs(ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        var filled = empty([rows.Length, .. SampleShape], dtype: InputType, device: CPU);
        var bytes = filled.bytes;
        var stride = (int)(SampleSize * Width);
        if ((long)stride * rows.Length != bytes.Length)
            throw new DataException(
                $"A chunk of {rows.Length} samples is too large for one block of memory: lower objective.chunk."
            );
        for (var i = 0; i < rows.Length; i++)
            Fill(rows[i], bytes.Slice(i * stride, stride));
        return filled.to(_layout.Device).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Images with standardized channels. Each of the 256 pixel values is standardized once, in float64, and then looked
/// up.
/// </summary>
internal sealed class ImageSamples : RowSamples
{
    private readonly LabeledImages _images;
    private readonly double[][] _values;
    private readonly float[][] _floats;
    private readonly byte[] _image;

    /// <summary>Creates the samples; the images are not copied.</summary>
    /// <param name="images">All images.</param>
    /// <param name="chosen">Indices of the images used, in order.</param>
    /// <param name="moments">Mean and deviation of each channel, 0 to 1.</param>
    /// <param name="layout">Chunks, memory budget, dtype, device.</param>
    public ImageSamples(
        LabeledImages images,
        IReadOnlyList<int> chosen,
        IReadOnlyList<(double Mean, double Deviation)> moments,
        Layout layout
    )
        : base(chosen, Shape(images), layout)
    {
        (_images, _image) = (images, new byte[images.SampleSize]);
        _values =
        [
            .. moments.Select(channel =>
                Enumerable.Range(0, 256).Select(pixel => (pixel / 255.0 - channel.Mean) / channel.Deviation).ToArray()
            ),
        ];
        _floats = [.. _values.Select(channel => Array.ConvertAll(channel, value => (float)value))];
    }

    /// <inheritdoc/>
    protected override void Fill(int row, Span<byte> into)
    {
        _images.Pixels.Read(row, _image);
        if (InputType == ScalarType.Float32)
            LookUp(_floats, MemoryMarshal.Cast<byte, float>(into));
        else
            LookUp(_values, MemoryMarshal.Cast<byte, double>(into));
    }

    /// <inheritdoc/>
    protected override Tensor Targets(ReadOnlyMemory<int> rows, ScalarType dtype) => Classes(rows, _images.Labels);

    private void LookUp<T>(T[][] values, Span<T> into)
    {
        var plane = _image.Length / values.Length;
        for (var channel = 0; channel < values.Length; channel++)
        {
            var of = values[channel];
            var found = into.Slice(channel * plane, plane);
            var pixels = _image.AsSpan(channel * plane, plane);
            for (var i = 0; i < pixels.Length; i++)
                found[i] = of[pixels[i]];
        }
    }

    private static long[] Shape(LabeledImages images) =>
        [.. (images ?? throw new ArgumentNullException(nameof(images))).SampleShape.Select(size => (long)size)];
}
