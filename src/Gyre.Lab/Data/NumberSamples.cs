using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>Numeric samples, one row per sample.</summary>
internal abstract class NumberRows
{
    /// <summary>The number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Values per row.</summary>
    public abstract int Size { get; }

    /// <summary>Copies one row.</summary>
    public abstract void Read(int row, Span<double> into);
}

/// <summary>Rows in memory.</summary>
/// <param name="values">The values, row after row.</param>
/// <param name="size">Values per row.</param>
internal sealed class MemoryNumbers(double[] values, int size) : NumberRows
{
    /// <inheritdoc/>
    public override int Count => values.Length / size;

    /// <inheritdoc/>
    public override int Size => size;

    /// <inheritdoc/>
    public override void Read(int row, Span<double> into) => values.AsSpan(row * size, size).CopyTo(into);
}

/// <summary>A part of a numeric data set, with classes or values as targets.</summary>
/// <param name="Features">One row per sample.</param>
/// <param name="SampleShape">Shape of one sample.</param>
/// <param name="Labels">Class of each sample; null if targets are values.</param>
/// <param name="Values">Row-major <c>[N, width]</c>; null if targets are classes.</param>
internal sealed record NumberPart(NumberRows Features, IReadOnlyList<int> SampleShape, int[]? Labels, double[]? Values)
{
    /// <summary>The number of samples.</summary>
    public int Count => Features.Count;

    /// <summary>Target values per sample.</summary>
    public int Width => Values is null ? 0 : Values.Length / Math.Max(1, Count);
}

/// <summary>A numeric data set.</summary>
/// <param name="Name">Name in the catalog.</param>
/// <param name="Classes">The number of classes; 0 if targets are values.</param>
/// <param name="Train">Samples that subsets are drawn from.</param>
/// <param name="Test">Held-out samples, used whole; null if there are none.</param>
/// <param name="Attribution">The origin.</param>
internal sealed record NumberSet(string Name, int Classes, NumberPart Train, NumberPart? Test, string Attribution)
    : DataContent(Name, Attribution)
{
    /// <summary>Names of the classes; empty if they have only numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Names of the features; empty if they have only numbers.</summary>
    public IReadOnlyList<string> FeatureNames { get; init; } = [];
}

/// <summary>Rows of values, each scaled by <see cref="NumberScale"/>.</summary>
/// <param name="part">All rows.</param>
/// <param name="chosen">Indices of the rows used, in order.</param>
/// <param name="scale">The scale of each value.</param>
/// <param name="layout">Chunks, memory budget, dtype, device.</param>
internal sealed class NumberSamples(NumberPart part, IReadOnlyList<int> chosen, NumberScale scale, Layout layout)
    : RowSamples(chosen, [.. part.SampleShape.Select(size => (long)size)], layout)
{
    private readonly double[] _row = new double[part.Features.Size];

    /// <summary>
    /// Checks every feature of the chosen rows, before and after scaling, and the target values of all rows.
    /// </summary>
    /// <param name="part">All rows.</param>
    /// <param name="what">The noun for a row in messages, such as "Sample".</param>
    /// <param name="chosen">Indices of the rows checked.</param>
    /// <param name="scale">The scale of each value.</param>
    /// <param name="dtype">Dtype of the training.</param>
    /// <exception cref="DataException">
    /// A value is not finite or exceeds the dtype; the message has its row and position.
    /// </exception>
    public static void Check(
        NumberPart part,
        string what,
        IReadOnlyList<int> chosen,
        NumberScale scale,
        ScalarType dtype
    )
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentNullException.ThrowIfNull(scale);
        var most = dtype == ScalarType.Float32 ? float.MaxValue : double.MaxValue;
        var row = new double[part.Features.Size];
        foreach (var index in chosen)
        {
            part.Features.Read(index, row);
            CheckFinite(row, what, index);
            for (var place = 0; place < row.Length; place++)
            {
                if (!(Math.Abs(scale.Apply(row[place], place)) <= most))
                    throw Beyond($"{what} {index} has {row[place]} as value {place}", dtype);
            }
        }
        CheckTargets(part, what);
        if (part.Values is { } values && Array.FindIndex(values, number => Math.Abs(number) > most) is var at and >= 0)
            throw Beyond($"{what} {at / part.Width} has {values[at]} as a target", dtype);
    }

    /// <summary>Checks every feature and every target value.</summary>
    /// <exception cref="DataException">A value is not finite; the message has its row and position.</exception>
    public static void CheckFinite(NumberPart part, string what)
    {
        ArgumentNullException.ThrowIfNull(part);
        var row = new double[part.Features.Size];
        for (var index = 0; index < part.Count; index++)
        {
            part.Features.Read(index, row);
            CheckFinite(row, what, index);
        }
        CheckTargets(part, what);
    }

    /// <summary>Checks one row.</summary>
    /// <exception cref="DataException">A value is not finite.</exception>
    internal static void CheckFinite(double[] row, string what, int index)
    {
        if (Array.FindIndex(row, number => !double.IsFinite(number)) is var place and >= 0)
        {
            throw new DataException(
                $"{what} {index} has {row[place]} as value {place}: features must be finite. "
                    + "Remove the sample, or fill in the value."
            );
        }
    }

    private static void CheckTargets(NumberPart part, string what)
    {
        if (part.Values is { } values && Array.FindIndex(values, number => !double.IsFinite(number)) is var at and >= 0)
            throw new DataException(
                $"{what} {at / part.Width} has {values[at]} as a target: targets must be finite. Remove the sample."
            );
    }

    private static DataException Beyond(string what, ScalarType dtype) =>
        new(
            dtype == ScalarType.Float32
                ? $"{what}, which exceeds float32: set dtype = \"float64\", or save the value in other units."
                : $"{what}, which exceeds float64 after standardization: save the value in other units."
        );

    /// <inheritdoc/>
    protected override void Fill(int row, Span<byte> into)
    {
        part.Features.Read(row, _row);
        for (var i = 0; i < _row.Length; i++)
            _row[i] = scale.Apply(_row[i], i);
        if (InputType == ScalarType.Float64)
        {
            _row.CopyTo(MemoryMarshal.Cast<byte, double>(into));
            return;
        }
        var floats = MemoryMarshal.Cast<byte, float>(into);
        for (var i = 0; i < _row.Length; i++)
            floats[i] = (float)_row[i];
    }

    /// <inheritdoc/>
    protected override Tensor Targets(ReadOnlyMemory<int> rows, ScalarType dtype)
    {
        if (part.Labels is { } labels)
            return Classes(rows, labels);
        var values = new double[rows.Length * part.Width];
        for (var i = 0; i < rows.Length; i++)
            part.Values.AsSpan(rows.Span[i] * part.Width, part.Width).CopyTo(values.AsSpan(i * part.Width));
        using var scope = NewDisposeScope();
        return tensor(values, device: CPU)
            .view(rows.Length, part.Width)
            .to(dtype, copy: true)
            .MoveToOuterDisposeScope();
    }
}
