using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>What samples are to be held to, by the run.</summary>
/// <param name="Chunk">Samples a chunk.</param>
/// <param name="MemoryBytes">Samples that take more are made again whenever they are asked for.</param>
/// <param name="Dtype">Float32 or Float64.</param>
/// <param name="Device">Where chunks live.</param>
internal sealed record Layout(int Chunk, long MemoryBytes, ScalarType Dtype, Device Device);

/// <summary>
/// Samples that are made row by row from what is on a disk or in memory. Where all of them fit the budget, every chunk
/// is made once and kept; else a chunk is made whenever it is asked for, with the same bytes:
/// the training is then exact and as slow as the disk, whatever the size of the data.
/// </summary>
internal abstract class RowSamples : ISamples
{
    private readonly int[] _chosen;
    private readonly Layout _layout;
    private readonly (Tensor Inputs, Tensor Targets)?[] _kept;

    /// <summary>Lays out; the first chunk is made when it is asked for.</summary>
    /// <param name="chosen">Rows, in order.</param>
    /// <param name="sampleShape">Of one sample.</param>
    /// <param name="layout">Chunks, budget, dtype, device.</param>
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

    /// <summary>Whether chunks are kept once they are made.</summary>
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
    /// <param name="row">Its row.</param>
    /// <param name="into">Numbers of <see cref="InputType"/>, as bytes.</param>
    protected abstract void Fill(int row, Span<byte> into);

    /// <summary>Targets of the rows, on the CPU.</summary>
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

    /// <summary>Classes of rows, <c>[B]</c>.</summary>
    protected static Tensor Classes(ReadOnlyMemory<int> rows, int[] labels)
    {
        var classes = new long[rows.Length];
        for (var i = 0; i < classes.Length; i++)
            classes[i] = labels[rows.Span[i]];
        return tensor(classes, device: CPU);
    }

    /// <summary>
    /// Memory of libtorch's own: matrix products round by its alignment, and an array of the runtime lies where it
    /// happens to.
    /// </summary>
    private Tensor Inputs(ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        var filled = empty([rows.Length, .. SampleShape], dtype: InputType, device: CPU);
        var bytes = filled.bytes;
        var stride = (int)(SampleSize * Width);
        if ((long)stride * rows.Length != bytes.Length)
            throw new DataException(
                $"A chunk of {rows.Length} samples is too large for one piece of memory: set objective.chunk lower."
            );
        for (var i = 0; i < rows.Length; i++)
            Fill(rows[i], bytes.Slice(i * stride, stride));
        return filled.to(_layout.Device).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Images, each channel standardised. A pixel is one of 256 values: each is standardised once, in float64, and looked
/// up.
/// </summary>
internal sealed class ImageSamples : RowSamples
{
    private readonly LabeledImages _images;
    private readonly double[][] _values;
    private readonly float[][] _floats;
    private readonly byte[] _image;

    /// <summary>Takes the images (not copied).</summary>
    /// <param name="images">All of them.</param>
    /// <param name="chosen">Which, in order.</param>
    /// <param name="moments">Mean and deviation of each channel, 0 to 1.</param>
    /// <param name="layout">Chunks, budget, dtype, device.</param>
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
