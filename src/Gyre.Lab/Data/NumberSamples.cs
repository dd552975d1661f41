using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>Samples as numbers, one row each.</summary>
internal abstract class NumberRows
{
    /// <summary>How many.</summary>
    public abstract int Count { get; }

    /// <summary>Numbers a row.</summary>
    public abstract int Size { get; }

    /// <summary>Copies one row.</summary>
    public abstract void Read(int row, Span<double> into);
}

/// <summary>Rows in memory.</summary>
/// <param name="values">Row after row.</param>
/// <param name="size">Numbers a row.</param>
internal sealed class MemoryNumbers(double[] values, int size) : NumberRows
{
    /// <inheritdoc/>
    public override int Count => values.Length / size;

    /// <inheritdoc/>
    public override int Size => size;

    /// <inheritdoc/>
    public override void Read(int row, Span<double> into) => values.AsSpan(row * size, size).CopyTo(into);
}

/// <summary>Part of a data set of numbers: classes, or numbers to be met.</summary>
/// <param name="Features">A row a sample.</param>
/// <param name="SampleShape">Of one sample.</param>
/// <param name="Labels">Class of each; null where targets are numbers.</param>
/// <param name="Values">Row-major <c>[N, width]</c>; null where targets are classes.</param>
internal sealed record NumberPart(NumberRows Features, IReadOnlyList<int> SampleShape, int[]? Labels, double[]? Values)
{
    /// <summary>How many samples.</summary>
    public int Count => Features.Count;

    /// <summary>Numbers to be met a sample.</summary>
    public int Width => Values is null ? 0 : Values.Length / Math.Max(1, Count);
}

/// <summary>A data set of numbers.</summary>
/// <param name="Name">Its name in the catalog.</param>
/// <param name="Classes">Number of classes; 0 where targets are numbers.</param>
/// <param name="Train">To draw from.</param>
/// <param name="Test">Held out, used whole; null where there is none.</param>
/// <param name="Attribution">Where it is from.</param>
internal sealed record NumberSet(string Name, int Classes, NumberPart Train, NumberPart? Test, string Attribution)
    : DataContent(Name, Attribution)
{
    /// <summary>What classes are called; empty where they have numbers alone.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>What features are called; empty where they have numbers alone.</summary>
    public IReadOnlyList<string> FeatureNames { get; init; } = [];
}

/// <summary>Rows of numbers, each scaled (<see cref="NumberScale"/>).</summary>
/// <param name="part">All rows.</param>
/// <param name="chosen">Which, in order.</param>
/// <param name="scale">Of each number.</param>
/// <param name="layout">Chunks, budget, dtype, device.</param>
internal sealed class NumberSamples(NumberPart part, IReadOnlyList<int> chosen, NumberScale scale, Layout layout)
    : RowSamples(chosen, [.. part.SampleShape.Select(size => (long)size)], layout)
{
    private readonly double[] _row = new double[part.Features.Size];

    /// <summary>Looks every number of some rows over, as it is and as it is trained on.</summary>
    /// <param name="part">All rows.</param>
    /// <param name="what">A row, in words.</param>
    /// <param name="chosen">Which.</param>
    /// <param name="scale">Of each number.</param>
    /// <param name="dtype">In which it is trained on.</param>
    /// <exception cref="DataException">One is not finite, or beyond the dtype; row and place are named.</exception>
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
                    throw Beyond($"{what} {index} has {row[place]} as its number {place}");
            }
        }
        CheckTargets(part, what);
        if (part.Values is { } values && Array.FindIndex(values, number => Math.Abs(number) > most) is var at and >= 0)
            throw Beyond($"{what} {at / part.Width} has {values[at]} as a target");
    }

    /// <summary>Looks every number over.</summary>
    /// <exception cref="DataException">One is not finite; row and place are named.</exception>
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

    /// <summary>Looks one row over.</summary>
    /// <exception cref="DataException">A number is not finite.</exception>
    internal static void CheckFinite(double[] row, string what, int index)
    {
        if (Array.FindIndex(row, number => !double.IsFinite(number)) is var place and >= 0)
        {
            throw new DataException(
                $"{what} {index} has {row[place]} as its number {place}: features must be finite. Remove the "
                    + "sample, or fill the number in."
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

    private static DataException Beyond(string what) =>
        new(
            $"{what}, which is beyond the numbers of float32: set dtype = \"float64\", or give the number in "
                + "other units."
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
