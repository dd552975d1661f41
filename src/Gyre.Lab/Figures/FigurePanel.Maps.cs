using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>Maps of values and of classes.</summary>
internal sealed partial class FigurePanel
{
    /// <summary>The colors of maps, from dark to light. All steps look equally large, in grayscale too.</summary>
    public static readonly IColormap MapColors = new ScottPlot.Colormaps.Viridis();

    private const int MapPixels = 1200; // maximum size of a map's picture along its longer side

    /// <summary>
    /// Draws a map of values from 0 to 1. Row i from the bottom is at place i of the vertical axis or, with ends
    /// given, is the i-th part between them. NaN leaves a gap.
    /// </summary>
    public void Map(double[,] values, CoordinateRect? ends = null) => Map(values, MapColors, 1, ends);

    /// <summary>
    /// Draws a map of classes by their number. Each class has a color and a letter, which is drawn on the class and
    /// explained in the legend.
    /// </summary>
    public void Classes(
        int[,] classes,
        IReadOnlyList<(string Name, string Letter, string Color)> names,
        CoordinateRect ends
    )
    {
        var values = new double[classes.GetLength(0), classes.GetLength(1)];
        foreach (
            var (row, column) in from row in Enumerable.Range(0, classes.GetLength(0))
            from column in Enumerable.Range(0, classes.GetLength(1))
            select (row, column)
        )
            values[row, column] = classes[row, column];
        Map(
            values,
            new ScottPlot.Colormaps.CustomPalette([.. names.Select(name => Color.FromHex(name.Color))]),
            names.Count - 1,
            ends
        );
        for (var number = 0; number < names.Count; number++)
        {
            var (name, letter, color) = names[number];
            if (Middle(classes, number) is not { } middle)
                continue;
            _legend.Add(new LegendEntry(name, color, 0, MarkerShape.None, false, letter));
            var text = Plot.Add.Text(
                letter,
                ends.Left + (middle.Column + 0.5) / classes.GetLength(1) * ends.Width,
                ends.Bottom + (middle.Row + 0.5) / classes.GetLength(0) * ends.Height
            );
            (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment) = (12, Colors.Black, Alignment.MiddleCenter);
        }
    }

    private void Map(double[,] values, IColormap colors, double most, CoordinateRect? ends)
    {
        var map = Plot.Add.Heatmap(Sharp(values));
        (map.Colormap, map.FlipVertically, map.ManualRange) = (colors, true, new ScottPlot.Range(0, most));
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        (map.Position, map.CellAlignment) = (
            ends ?? new CoordinateRect(-0.5, columns - 0.5, -0.5, rows - 0.5),
            Alignment.MiddleCenter
        );
    }

    /// <summary>
    /// Returns the same map with each cell divided into several. An SVG viewer may blur the edges of a picture's
    /// pixels, and then blurs only small parts of a cell.
    /// </summary>
    private static double[,] Sharp(double[,] values)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        var times = Math.Max(1, MapPixels / Math.Max(1, Math.Max(rows, columns)));
        var sharp = new double[rows * times, columns * times];
        for (var row = 0; row < rows * times; row++)
        {
            for (var column = 0; column < columns * times; column++)
                sharp[row, column] = values[row / times, column / times];
        }
        return sharp;
    }

    /// <summary>
    /// Returns the cell of a class nearest to the center of the class, for its letter; null if the class has no cell.
    /// </summary>
    private static (int Row, int Column)? Middle(int[,] classes, int number)
    {
        var cells = (
            from row in Enumerable.Range(0, classes.GetLength(0))
            from column in Enumerable.Range(0, classes.GetLength(1))
            where classes[row, column] == number
            select (Row: row, Column: column)
        ).ToArray();
        if (cells.Length == 0)
            return null;
        var (middleRow, middleColumn) = (cells.Average(cell => cell.Row), cells.Average(cell => cell.Column));
        return cells.MinBy(cell => Math.Pow(cell.Row - middleRow, 2) + Math.Pow(cell.Column - middleColumn, 2));
    }
}
