using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Exports;

/// <summary>
/// The tables of a sweep, one catalog entry per table, followed by those of its runs. Their columns are described in
/// docs/formats.md.
/// </summary>
internal static class SweepTables
{
    private static readonly (string Name, Func<string, SweepData, Table> LayOut)[] Catalog =
    [
        ("cells", Cells),
        ("groups", (name, sweep) => Table.Create(name, Groups(sweep))),
        (
            "verdicts",
            (name, sweep) =>
                Table.Create(
                    name,
                    sweep.Verdicts.Select(one => new VerdictRow(
                        one.Claim,
                        one.Statement,
                        one.Name,
                        one.Rule,
                        one.Reason
                    ))
                )
        ),
        ("evidence", EvidenceOf),
        ("correlations", (name, sweep) => Table.Create(name, CorrelationTable.Create(sweep.Data))),
        (
            "signatures",
            (name, sweep) =>
                Table.Create(
                    name,
                    Signatures
                        .Create(sweep.Data, sweep.Verdicts)
                        .Select((sentence, index) => new SignatureRow(index + 1, sentence))
                )
        ),
    ];

    /// <summary>
    /// Returns every table of a sweep, finished or not. The run tables hold the cells that have begun.
    /// </summary>
    public static IReadOnlyList<Table> Create(SweepReader sweep)
    {
        var data = new SweepData(sweep);
        return
        [
            .. Catalog.Select(table => table.LayOut(table.Name, data)),
            .. RunTables.Create([
                .. data
                    .Cells.Where(row => row.Cell.Run is not null)
                    .Select(row => (row.Cell.Cell.Folder, row.Cell.Run!)),
            ]),
        ];
    }

    private static Table Cells(string name, SweepData sweep) =>
        Table.Create(
            name,
            sweep.Cells,
            [
                RecordFields.Text<CellRow>("cell", row => row.Cell.Cell.Folder),
                .. RecordFields.Get<CellRow, SweepCellRecord>(row => row.Cell.Cell, nameof(SweepCellRecord.Folder)),
                .. sweep.Axes.Select(key => Axis(key, sweep.Cells)),
                RecordFields.Text<CellRow>(
                    "copy_of",
                    row => row.Cell.Cell.Folder is var folder ? sweep.Data.Copies.GetValueOrDefault(folder) : null
                ),
                RecordFields.Text<CellRow>("status", row => row.Cell.Status.ToString().ToLowerInvariant()),
                .. MeasuresOf<CellRow>(row => row.Measures),
            ]
        );

    /// <summary>
    /// Returns every number of a cell, and the numbers at which the training loss passes each listed value.
    /// </summary>
    private static IReadOnlyList<Field<T>> MeasuresOf<T>(Func<T, CellMeasures?> measures, params string[] without)
    {
        Field<T> At(string name, double loss, Func<LossPassage, double> read, string property = "")
        {
            var column = FormattableString.Invariant($"{name}_at_loss_{loss}").Replace('.', '_');
            double? Read(T row) => measures(row)?.After.At(loss) is { } passage ? read(passage) : null;
            return RecordFields.Real<T>(column, Read) with { Property = property };
        }
        return
        [
            .. RecordFields.Get(measures, [nameof(CellMeasures.Cell), .. without]),
            .. LossPassage.Losses.SelectMany(loss =>
                new[]
                {
                    At("time", loss, passage => passage.Time),
                    At("sharpness", loss, passage => passage.Sharpness),
                    At("test_accuracy", loss, passage => passage.TestAccuracy, nameof(CellMeasures.TestAccuracy)),
                }
            ),
        ];
    }

    /// <summary>An axis of the sweep, as a column of numbers if every value is a number, otherwise of text.</summary>
    private static Field<CellRow> Axis(string key, IReadOnlyList<CellRow> cells)
    {
        static double? Number(string? value) =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        string? Value(CellRow row) => row.Cell.Cell.Values.GetValueOrDefault(key)?.Trim('"');
        return cells.All(row => Value(row) is not { } value || Number(value) is not null)
            ? RecordFields.Real<CellRow>(key, row => Number(Value(row)))
            : RecordFields.Text<CellRow>(key, Value);
    }

    /// <summary>
    /// Aggregates every numeric measure over the finished cells of each group that have it, copies left out.
    /// </summary>
    private static IEnumerable<GroupRow> Groups(SweepData sweep) =>
        from cells in sweep
            .Cells.Where(row => row.Measures is not null && !sweep.Data.Copies.ContainsKey(row.Cell.Cell.Folder))
            .GroupBy(row => row.Cell.Cell.Group)
        let first = cells.First().Cell.Cell
        from measure in MeasuresOf<CellMeasures>(cell => cell, nameof(CellMeasures.ForkTime))
        where measure.Column.Kind is ColumnKind.Real or ColumnKind.Whole
        let values = cells
            .Select(row => measure.Read(row.Measures!))
            .OfType<IConvertible>()
            .Select(value => value.ToDouble(CultureInfo.InvariantCulture))
            .ToArray()
        where values.Length > 0
        let student = MeanInterval.Student(values, CellMeasures.BoundsOf(measure.Property))
        let bootstrap = MeanInterval.Bootstrap(values, ClaimCatalog.Seed)
        select new GroupRow(
            cells.Key,
            first.Parent is not null,
            cells.Average(row => row.Cell.Cell.LearningRate),
            cells.Count(),
            measure.Column.Name,
            values.Length,
            student.Value,
            student.Low,
            student.High,
            bootstrap.Low,
            bootstrap.High
        );

    private static Table EvidenceOf(string name, SweepData sweep) =>
        Table.Create(
            name,
            sweep.Verdicts.SelectMany(verdict => verdict.Evidence.Select(one => new EvidenceRow(verdict.Claim, one))),
            [
                RecordFields.Text<EvidenceRow>("claim", row => row.Claim),
                .. RecordFields.Get<EvidenceRow, Evidence>(row => row.Number),
            ]
        );

    /// <summary>
    /// The data behind the tables. The finished cells are read once, when a table first needs them.
    /// </summary>
    private sealed class SweepData(SweepReader sweep)
    {
        private readonly Lazy<IReadOnlyList<CellRow>> _cells = new(() => Rows(sweep.ReadCells()));
        private ClaimData? _data;
        private IReadOnlyList<Verdict>? _verdicts;

        public IReadOnlyList<string> Axes => sweep.Plan.Axes;

        public IReadOnlyList<CellRow> Cells => _cells.Value;

        public ClaimData Data =>
            _data ??= new ClaimData([.. Cells.Select(row => row.Measures).OfType<CellMeasures>()], Axes);

        private static IReadOnlyList<CellRow> Rows(IReadOnlyList<SweepCell> cells)
        {
            var found =
                from cell in cells
                let measures = CellMeasures.TryRead(cell)
                where measures is not null
                select (measures, cell.Run!.Folder);
            var added = ControlDistance.Added([.. found]).ToDictionary(measures => measures.Cell.Folder);
            return [.. cells.Select(cell => new CellRow(cell, added.GetValueOrDefault(cell.Cell.Folder)))];
        }

        public IReadOnlyList<Verdict> Verdicts => _verdicts ??= ClaimCatalog.Decide(Data);
    }

    private sealed record CellRow(SweepCell Cell, CellMeasures? Measures);

    private sealed record GroupRow(
        string Group,
        bool Fork,
        double LearningRate,
        int Cells,
        string Measure,
        int Count,
        double Mean,
        double TLow,
        double THigh,
        double BootstrapLow,
        double BootstrapHigh
    );

    private sealed record VerdictRow(string Claim, string Statement, string Verdict, string Rule, string Reason);

    private sealed record EvidenceRow(string Claim, Evidence Number);

    private sealed record SignatureRow(int Number, string Sentence);
}
