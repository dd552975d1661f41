using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>One entry of a legend.</summary>
/// <param name="Name">What.</param>
/// <param name="Color">Of the line, marker or patch.</param>
/// <param name="Width">Of the line; 0: none.</param>
/// <param name="Marker">On the line.</param>
/// <param name="Dashed">Whether the line is.</param>
/// <param name="Letter">Where not empty: a patch of the color with this letter, the same that stands in the
/// figure.</param>
internal sealed record LegendEntry(
    string Name,
    string Color,
    float Width,
    MarkerShape Marker,
    bool Dashed = false,
    string Letter = ""
);
