using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>Samples as numbers, one row each.</summary>
public abstract class NumberRows
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
public sealed class MemoryNumbers(double[] values, int size) : NumberRows
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
public sealed record NumberPart(NumberRows Features, IReadOnlyList<int> SampleShape, int[]? Labels, double[]? Values)
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
public sealed record NumberSet(string Name, int Classes, NumberPart Train, NumberPart? Test, string Attribution) : DataContent(Name, Attribution)
{
    /// <summary>What classes are called; empty where they have numbers alone.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>What features are called; empty where they have numbers alone.</summary>
    public IReadOnlyList<string> FeatureNames { get; init; } = [];
}

/// <summary>Rows of numbers, each feature standardised: x ↦ (x − mean)/deviation, and 0 where the deviation is 0.</summary>
/// <param name="part">All rows.</param>
/// <param name="chosen">Which, in order.</param>
/// <param name="means">Of each feature.</param>
/// <param name="deviations">Of each feature.</param>
/// <param name="layout">Chunks, budget, dtype, device.</param>
public sealed class NumberSamples(NumberPart part, IReadOnlyList<int> chosen, double[] means, double[] deviations, Layout layout)
    : RowSamples(chosen, [.. part.SampleShape.Select(size => (long)size)], layout)
{
    private readonly double[] _row = new double[part.Features.Size];

    /// <summary>
    /// Mean and standard deviation of each feature over the chosen rows; of samples with channels first [C, H, W] of each channel, and of any other shape but [F] of all numbers together, so that pictures stay pictures.
    /// </summary>
    /// <exception cref="DataException">A number is not finite (row and place are named), or nothing varies.</exception>
    public static (double[] Means, double[] Deviations) Moments(NumberPart part, IReadOnlyList<int> chosen)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(chosen);
        if (part.Values is { } values && Array.FindIndex(values, number => !double.IsFinite(number)) is var at and >= 0)
            throw new DataException($"Sample {at / part.Width} has {values[at]} as a target: targets must be finite. Remove the sample.");
        var size = part.Features.Size;
        var groups = part.SampleShape.Count switch { 1 => size, 3 => part.SampleShape[0], _ => 1 };
        var (within, row) = (size / groups, new double[size]);
        var (means, squares) = (new double[groups], new double[groups]);
        // Two passes: the difference of large sums would lose the digits of features far from 0.
        foreach (var index in chosen)
        {
            part.Features.Read(index, row);
            for (var i = 0; i < size; i++)
                means[i / within] += double.IsFinite(row[i]) ? row[i] : throw new DataException($"Sample {index} has {row[i]} as its number {i}: features must be finite. Remove the sample, or fill the number in.");
        }
        for (var group = 0; group < groups; group++)
            means[group] /= (double)chosen.Count * within;
        foreach (var index in chosen)
        {
            part.Features.Read(index, row);
            for (var i = 0; i < size; i++)
                squares[i / within] += (row[i] - means[i / within]) * (row[i] - means[i / within]);
        }
        double[] deviations = [.. squares.Select(square => Math.Sqrt(square / ((double)chosen.Count * within)))];
        if (deviations.All(deviation => deviation == 0))
            throw new DataException("Every sample of the training subset is the same: there is nothing to learn from.");
        return ([.. Enumerable.Range(0, size).Select(i => means[i / within])], [.. Enumerable.Range(0, size).Select(i => deviations[i / within])]);
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
            if (Array.FindIndex(row, number => !double.IsFinite(number)) is var place and >= 0)
                throw new DataException($"{what} {index} has {row[place]} as its number {place}: features must be finite. Remove the sample, or fill the number in.");
        }
        if (part.Values is { } values && Array.FindIndex(values, number => !double.IsFinite(number)) is var at and >= 0)
            throw new DataException($"{what} {at / part.Width} has {values[at]} as a target: targets must be finite. Remove the sample.");
    }

    /// <inheritdoc/>
    protected override void Fill(int row, Span<byte> into)
    {
        part.Features.Read(row, _row);
        for (var i = 0; i < _row.Length; i++)
            _row[i] = deviations[i] == 0 ? 0 : (_row[i] - means[i]) / deviations[i];
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
        return tensor(values, device: CPU).view(rows.Length, part.Width).to(dtype, copy: true).MoveToOuterDisposeScope();
    }
}
