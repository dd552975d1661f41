using System.Globalization;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.App.Commands;

/// <summary>Sentences on data, network, loss, optimizer and seeds, for captions.</summary>
internal static class PaperSetting
{
    /// <summary>Describes one run.</summary>
    public static string FromSpec(RunSpec spec) =>
        string.Create(CultureInfo.InvariantCulture, $"{Basis(spec)}, seed {spec.Seed}.");

    /// <summary>Describes the finished runs of a sweep; empty if there is none.</summary>
    public static string FromSweep(SweepReading reading) =>
        reading.Finished is [var first, ..]
            ? FromCells(
                SpecReader.ReadText(first.Cell.Run!.ReadSpecText(), first.Folder.Spec),
                [.. reading.Finished.Select(one => one.Cell.Cell)]
            )
            : "";

    /// <summary>Describes runs by the spec of one of them. Axes replace some of its values.</summary>
    private static string FromCells(RunSpec spec, IReadOnlyList<SweepCellRecord> cells)
    {
        int[] seeds = [.. cells.Select(cell => cell.Seed).Distinct().Order()];
        string[] axes = [.. cells.SelectMany(cell => cell.Values.Keys).Distinct().Order(StringComparer.Ordinal)];
        var varied = axes.Length == 0 ? "" : $", varying {string.Join(" and ", axes)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Basis(spec)}{varied}; {cells.Count} finished runs, seeds {string.Join(", ", seeds)}."
        );
    }

    private static string Basis(RunSpec spec) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Setting: {spec.Data.Name}, {spec.Data.Samples} training samples; network {spec.Model.Name}; loss "
                + $"{spec.Objective.Loss}; optimizer {spec.Optimizer.Name}"
        );
}
