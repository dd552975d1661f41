using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Reports;

/// <summary>The tables of a sweep's report.</summary>
internal static class ReportTables
{
    /// <summary>The columns of the table of groups.</summary>
    private static readonly (string Head, string Measure, double Factor)[] Measures =
    [
        ("test accuracy, %", "test accuracy", 100),
        ("final S", "final sharpness", 1),
        ("largest S", "peak sharpness", 1),
        ("flip", "flip", 1),
        ("drift", "drift", 1),
    ];

    /// <summary>The columns of the table of correlations.</summary>
    private static readonly (string Head, Func<CorrelationRow, CellView> Of)[] Correlated =
    [
        ("measure", row => row.Measure),
        ("kind", row => row.Kind == RankKind.Spearman ? "Spearman" : "Kendall"),
        ("runs", row => Whole(row.Raw.Count)),
        ("raw", row => Test(row.Raw)),
        ("partial (log eta)", row => Test(row.Partial)),
        ("raw, compared with final sharpness", row => Gain(row.RawGain)),
        ("partial, compared with final sharpness", row => Gain(row.PartialGain)),
    ];

    /// <summary>The table of groups, aggregated over seeds.</summary>
    public static TableView Groups(SweepReportData data)
    {
        var groups = data.Groups.Concat(data.Forks).ToDictionary(group => group.Name);
        var rows = GroupTable
            .Create(data.Claims)
            .GroupBy(row => row.Group)
            .Select(rows => Row(groups[rows.Key], rows.ToDictionary(row => row.Measure)))
            .ToArray();
        return new TableView(
            [
                "group",
                "eta",
                "runs",
                "outcome",
                .. Measures.Select(measure => measure.Head),
                "gain over the smallest learning rate, points",
            ],
            rows,
            "Mean over seeds. t: Student's 95 % interval, which decides verdicts. b: 95 % percentile "
                + "bootstrap interval, with seeds resampled as pairs; with three seeds it covers less than four "
                + "times in five. "
                + "The last column has differences seed by seed. Means leave out diverged runs. S: "
                + "sharpness. Flip: 1 − overlap at lag 1; drift: between bursts."
        );
    }

    /// <summary>The table of correlations of every measure with test accuracy.</summary>
    public static TableView Correlations(IReadOnlyList<CorrelationRow> rows) =>
        new(
            [.. Correlated.Select(column => column.Head)],
            [.. rows.Select(row => (IReadOnlyList<CellView>)[.. Correlated.Select(column => column.Of(row))])],
            rows.Count == 0
                ? "There is none: it needs four finished runs at constant learning rates, with a test accuracy."
                : "Over runs at constant learning rates that did not diverge. Intervals: 95 % percentile "
                    + "bootstrap, resampled within seeds. p: two-sided, by permutation within seeds. "
                    + "Partial: controlled for the logarithm of eta, since sharpness follows the learning rate. The "
                    + "last two columns compare predictions: paired bootstrap of the difference of "
                    + "absolute values. If the interval is above 0, the measure predicts better than final sharpness."
        );

    /// <summary>The table of versions and hardware behind the cells.</summary>
    public static TableView Versions(SweepPlanRecord plan, IReadOnlyList<EnvironmentRecord> environments)
    {
        (string Name, Func<EnvironmentRecord, string> Of)[] lines =
        [
            ("gyre that made the runs", one => one.Gyre),
            (".NET", one => one.Dotnet),
            ("libtorch", one => one.Libtorch),
            ("operating system", one => one.OperatingSystem),
            ("processors", one => Whole(one.Processors)),
            ("threads per run", one => Whole(one.Threads)),
            ("device", one => one.Device),
        ];
        return new TableView(
            ["", "value"],
            [
                ["gyre that made the plan", plan.Gyre],
                .. lines.Select(line =>
                    (IReadOnlyList<CellView>)
                        [line.Name, string.Join("; ", environments.Select(line.Of).Distinct().DefaultIfEmpty("—"))]
                ),
                [
                    "runs begun",
                    environments.Count == 0
                        ? "—"
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $"{environments.Min(one => one.Started):yyyy-MM-dd HH:mm} to "
                                + $"{environments.Max(one => one.Started):yyyy-MM-dd HH:mm} UTC"
                        ),
                ],
            ]
        );
    }

    /// <summary>The table of every cell of the plan.</summary>
    public static TableView Cells(SweepReportData data)
    {
        var finished = data.Finished.ToDictionary(cell => cell.Measures.Cell.Folder);
        return new TableView(
            [
                "run folder under cells/",
                "group",
                "seed",
                "eta",
                "edge units",
                "outcome",
                "instabilities",
                "test accuracy, %",
            ],
            [
                .. data.Plan.Cells.Select(cell =>
                    (IReadOnlyList<CellView>)
                        [
                            cell.Folder,
                            cell.Group,
                            Whole(cell.Seed),
                            Text(cell.LearningRate),
                            Text(cell.EdgeUnits),
                            .. finished.TryGetValue(cell.Folder, out var run)
                                ? (CellView[])
                                    [
                                        new CellView([
                                            SnakeCase.Spaced(run.Summary.Outcome),
                                            .. Copy(data, cell),
                                            run.Summary.OutcomeRule,
                                        ]),
                                        Whole(run.Summary.Cycles.Length),
                                        Text(100 * run.Measures.TestAccuracy),
                                    ]
                                : ["open", "—", "—"],
                        ]
                ),
            ],
            $"Instabilities: {RunTable.Chaotic}."
        );
    }

    private static string[] Copy(SweepReportData data, SweepCellRecord cell) =>
        data.Claims.Copies.ContainsKey(cell.Folder)
            ? ["a copy: the seed made no difference, so it is left out everywhere else"]
            : [];

    private static IReadOnlyList<CellView> Row(SeriesGroup group, Dictionary<string, GroupRow> rows)
    {
        var accuracy = rows["test accuracy"];
        return
        [
            group.Name,
            Text(group.LearningRate),
            Whole(group.Cells.Count),
            group.Outcome,
            .. Measures.Select(measure =>
                Mean(rows[measure.Measure].Mean, rows[measure.Measure].Bootstrap, measure.Factor)
            ),
            accuracy.Difference is { } difference ? Mean(difference, accuracy.DifferenceBootstrap!, 100) : "—",
        ];
    }

    private static CellView Mean(Interval mean, Interval bootstrap, double factor) =>
        new(
            double.IsFinite(mean.Low)
                ?
                [
                    Text(factor * mean.Value),
                    $"t {Text(factor * mean.Low, 3)} to {Text(factor * mean.High, 3)}",
                    $"b {Text(factor * bootstrap.Low, 3)} to {Text(factor * bootstrap.High, 3)}",
                ]
                : [Text(factor * mean.Value)]
        );

    private static CellView Test(CorrelationTest test)
    {
        if (!double.IsFinite(test.Value))
            return "—";
        if (test.Undetermined is { } lack)
            return new CellView([Text(test.Value, 2), lack]);
        return new CellView([
            Text(test.Value, 2),
            test.NoInterval is { } none ? $"no interval: {none}" : $"[{Text(test.Low, 2)}, {Text(test.High, 2)}]",
            $"p = {NumberText.PValue(test.PValue)}",
        ]);
    }

    private static CellView Gain(Interval? gain) =>
        gain is { } one && double.IsFinite(one.Low)
            ? new CellView([Text(one.Value, 2), $"[{Text(one.Low, 2)}, {Text(one.High, 2)}]"])
            : "—";

    private static string Text(double value, int digits = 4) => NumberText.Format(value, digits);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
