namespace Gyre.Lab.Figures;

/// <summary>The layout of a page: its rows, and its division into several pages of a paper.</summary>
internal sealed partial record FigurePage
{
    /// <summary>
    /// Returns the page in the width of a paper's column, with a letter at each panel if there are several. A page
    /// that is higher than a paper's is divided between rows.
    /// </summary>
    public IReadOnlyList<FigurePage> OnPaper(double inches)
    {
        var page = Squeezed(this with { Sheet = FigureSheet.Paper(inches), Letters = PanelLetters() });
        var parts = new List<FigurePage>();
        foreach (var (row, _) in page.Chunks())
        {
            FigurePanel?[] panels = row is [{ IsWide: true }]
                ? row
                : [.. row, .. new FigurePanel?[page.SideColumns - row.Length]];
            var longer = parts.Count > 0 ? page.Part([.. parts[^1].Panels, .. panels]) : page.Part(panels);
            if (parts.Count > 0 && longer.Height <= FigureSheet.PaperHeight)
                parts[^1] = longer with { Brackets = parts[^1].Brackets };
            else
                parts.Add(page.Part(panels) with { Brackets = parts.Count == 0 ? Brackets : [] });
        }
        return parts;
    }

    /// <summary>Lowers the frames as far as the page needs and they stay legible.</summary>
    private static FigurePage Squeezed(FigurePage page) =>
        FrameShares
            .Select(share => page with { FrameShare = share })
            .FirstOrDefault(lower => lower.Height <= FigureSheet.PaperHeight, page);

    /// <summary>
    /// Returns a sentence that names each panel by its letter: by its heading if all show the same quantities. Empty
    /// if there is only one panel.
    /// </summary>
    public string PanelNames()
    {
        var letters = PanelLetters();
        string[] axes = [.. letters.Keys.Select(panel => panel.Axes).Distinct()];
        return axes.Length == 1 && letters.Keys.All(panel => panel.Heading.Length > 0)
            ? $"{axes[0]}: {Named(letters, panel => panel.Heading)}"
            : Named(letters, Description);
    }

    private static string Description(FigurePanel panel) =>
        $"{panel.Heading}{(panel.Heading.Length > 0 ? ": " : "")}{panel.Axes}"
        + (panel.Note.Length > 0 ? $" ({panel.Note})" : "");

    private static string Named(Dictionary<FigurePanel, string> letters, Func<FigurePanel, string> name) =>
        string.Join("; ", letters.Select(panel => $"{panel.Value} {name(panel.Key)}"));

    /// <summary>Returns a page with rows of this one, in their order.</summary>
    private FigurePage Part(IReadOnlyList<FigurePanel?> panels) =>
        this with
        {
            Panels = panels,
            Columns = SideColumns,
            BlockRows = 1,
        };

    /// <summary>Names the panels (a), (b), …, those of one column of a block after another.</summary>
    private Dictionary<FigurePanel, string> PanelLetters()
    {
        FigurePanel[] panels = [.. InColumns(1).OfType<FigurePanel>()];
        return panels.Length < 2
            ? []
            : panels.Select((panel, i) => KeyValuePair.Create(panel, $"({Letter(i)})")).ToDictionary();
    }

    private static string Letter(int number) =>
        number < 26 ? $"{(char)('a' + number)}" : Letter(number / 26 - 1) + Letter(number % 26);

    /// <summary>Returns the panels for a sheet with room for some of the columns.</summary>
    private IEnumerable<FigurePanel?> InColumns(int columns)
    {
        if (columns >= Columns)
            return Panels;
        return BlockRows == 1
            ? Panels.Where(panel => panel is not null)
            : Panels.Chunk(Columns * BlockRows).SelectMany(block => Divided(block, columns));
    }

    private IEnumerable<FigurePanel?> Divided(FigurePanel?[] block, int columns) =>
        from first in Enumerable.Range(0, (Columns + columns - 1) / columns).Select(slab => slab * columns)
        from row in block.Chunk(Columns)
        let slab = Enumerable.Range(first, columns).Select(column => row.ElementAtOrDefault(column)).ToArray()
        where slab.Any(panel => panel is not null)
        from panel in slab
        select panel;

    /// <summary>Returns the height of a frame. On paper, it is at most the golden section of its width.</summary>
    private int FrameHeight(FigurePanel? panel, int width)
    {
        if (panel is null)
            return 0;
        if (panel.IsSquare)
            return width;
        return Sheet.IsCaptioned || panel.Rows is not null
            ? panel.Height
            : (int)(FrameShare * Math.Min(panel.Height, Math.Max(LeastFrame, PaperProportion * width)));
    }

    /// <summary>
    /// The legend entries of panels with headings, which do not draw their own legend; each entry once.
    /// </summary>
    private IReadOnlyList<LegendEntry> Shared =>
        [
            .. Panels
                .OfType<FigurePanel>()
                .Where(panel => panel.Heading.Length > 0)
                .SelectMany(panel => panel.Legend)
                .Distinct(),
        ];

    private int SharedLegend() =>
        Shared.Count + ColorBar.Length == 0
            ? 0
            : LegendHeight + LineHeight * (Ink.Lines(Shared, Width - LegendLeft(0) - Right, ColorBar, ColorEnds) - 1);

    /// <summary>
    /// Returns the rows of panels. A panel whose legend has only entries of the panel above shares that legend,
    /// and an equal heading is not repeated.
    /// </summary>
    private IEnumerable<Row> Rows()
    {
        var rows = Chunks().ToArray();
        for (var r = 0; r < rows.Length; r++)
        {
            var (row, columns) = rows[r];
            var above = r > 0 && rows[r - 1].Columns == columns ? rows[r - 1].Panels : [];
            var below = r + 1 < rows.Length && rows[r + 1].Columns == columns ? rows[r + 1].Panels : [];
            bool[] axis =
            [
                .. row.Select(
                    (panel, column) =>
                        panel is not null && below.ElementAtOrDefault(column)?.Across.Fits(panel.Across) != true
                ),
            ];
            IReadOnlyList<LegendEntry>[] legends =
            [
                .. row.Select(
                    (panel, column) =>
                        panel is null || IsCovered(panel, above.ElementAtOrDefault(column)) ? [] : panel.Legend
                ),
            ];
            string[] headings =
            [
                .. row.Select(
                    (panel, column) =>
                        panel?.Heading == above.ElementAtOrDefault(column)?.Heading ? "" : panel?.Heading ?? ""
                ),
            ];
            var width = Width / columns;
            yield return new Row(
                row,
                columns,
                axis,
                legends,
                headings,
                [.. row.Select(panel => FrameHeight(panel, width - Left - Right))],
                LegendHeight + LineHeight * (legends.Max(legend => LegendLines(legend, width)) - 1),
                r == 0 && Brackets.Count > 0 ? NumbersHeight : 0,
                row.OfType<FigurePanel>().Any(panel => panel.Across.Above.Count > 0) ? AboveHeight : 0
            );
        }
    }

    private int LegendLines(IReadOnlyList<LegendEntry> legend, int width) =>
        Ink.Lines(legend, width - LegendLeft(0) - Right);

    private static bool IsCovered(FigurePanel panel, FigurePanel? above) =>
        panel.Heading.Length > 0 || above is not null && panel.Legend.All(above.Legend.Contains);

    /// <summary>Returns the panels row by row. Wide panels have rows of their own.</summary>
    private IEnumerable<(FigurePanel?[] Panels, int Columns)> Chunks()
    {
        var row = new List<FigurePanel?>();
        foreach (var panel in InColumns(SideColumns))
        {
            if (row.Count == SideColumns || (panel?.IsWide == true && row.Count > 0))
            {
                yield return ([.. row], SideColumns);
                row.Clear();
            }
            if (panel?.IsWide == true)
                yield return ([panel], 1);
            else
                row.Add(panel);
        }
        if (row.Count > 0)
            yield return ([.. row], SideColumns);
    }

    /// <summary>Panels side by side, with the heights of what is around their frames.</summary>
    private sealed record Row(
        FigurePanel?[] Panels,
        int Columns,
        bool[] Axis,
        IReadOnlyList<LegendEntry>[] Legends,
        string[] Headings,
        int[] Frames,
        int Head,
        int Numbers,
        int Above
    )
    {
        public int Height => Head + Numbers + Above + Frames.Max() + (Axis.Any(shown => shown) ? AxisHeight : 0);
    }
}
