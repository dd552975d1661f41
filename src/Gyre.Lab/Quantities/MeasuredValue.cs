using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Quantities;

/// <summary>A number of a record, with the ends that its error bar allows.</summary>
/// <param name="Value">NaN where it was not measured: it is then not drawn and not exported.</param>
/// <param name="Low">Lower end; NaN where there is no error bar.</param>
/// <param name="High">Upper end; NaN where there is no error bar.</param>
internal readonly record struct MeasuredValue(double Value, double Low, double High)
{
    public static MeasuredValue None { get; } = new(double.NaN, double.NaN, double.NaN);

    public static implicit operator MeasuredValue(double? value) => new(value ?? double.NaN, double.NaN, double.NaN);

    /// <summary>A value and the half width of its error bar.</summary>
    public static MeasuredValue From(double value, double error) => new(value, value - error, value + error);

    /// <summary>1 − overlap, and the ends that the angle error bars of both measurements allow.</summary>
    public static MeasuredValue From(RotationRecord rotation) =>
        new(rotation.Rotation, 1 - rotation.OverlapHigh, 1 - rotation.OverlapLow);
}
