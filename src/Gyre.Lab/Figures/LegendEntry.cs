using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>One entry of a legend.</summary>
/// <param name="Name">The text of the entry.</param>
/// <param name="Color">Color of the line, marker or patch.</param>
/// <param name="Width">Width of the line; 0 for no line.</param>
/// <param name="Marker">Marker on the line.</param>
/// <param name="Dashed">Whether the line is dashed.</param>
/// <param name="Letter">If not empty, the entry is a patch of the color with this letter, which also appears in the
/// figure.</param>
internal sealed record LegendEntry(
    string Name,
    string Color,
    float Width,
    MarkerShape Marker,
    bool Dashed = false,
    string Letter = ""
);
