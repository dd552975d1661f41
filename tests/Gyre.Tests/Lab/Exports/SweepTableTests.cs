using Gyre.Lab.Exports;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Exports;

public class SweepTableTests
{
    private static readonly double[] Accuracies = [0.70, 0.72, 0.74, 0.81, 0.8];

    [Fact]
    public void Cells_hold_the_plan_the_axes_and_the_measures_of_those_that_are_finished()
    {
        using var folder = new TemporaryFolder();
        TableTests.Export(ExportFolders.Sweep(folder["sweep"], Accuracies).Path, "parquet", folder["out"]);
        var cells = Duck.Rows(
            $"""
            SELECT cell, "group", seed, learning_rate, "training.learning_rate", "model.activation", status, outcome,
                cycles, test_accuracy, unstable
            FROM '{folder["out"]}/cells.parquet'
            """
        );
        Assert.Equal(7, cells.Count);
        Assert.Equal(
            ["cell-0.125-1", "0.125, relu", 1L, 0.125, 0.125, "relu", "finished", "stable", 1L, 0.72, true],
            cells[1]
        );
        Assert.Equal(["cell-0.5-2", "0.5, relu", 2L, 0.5, 0.5, "relu", "missing", null, null, null, null], cells[5]);
        var fork = Duck.Rows(
                $"SELECT parent, fork_step, reduced_to, edge_units FROM '{folder["out"]}/cells.parquet' WHERE "
                    + "cell = 'late'"
            )
            .Single();
        Assert.Equal(["cell-0.5-0", 5L, 0.1, null], fork);
    }

    /// <summary>
    /// By hand: of 0.70, 0.72, 0.74 the mean is 0.72, the standard deviation 0.02, and t(0.975, 2) = 4.302653 (a
    /// table's). The bootstrap's 27 means are symmetric about 0.72.
    /// </summary>
    [Fact]
    public void Groups_hold_the_mean_with_both_intervals_of_each_measure()
    {
        using var folder = new TemporaryFolder();
        TableTests.Export(ExportFolders.Sweep(folder["sweep"], Accuracies).Path, "csv", folder["out"]);
        var group = Duck.Rows(
            "SELECT fork, learning_rate, cells, count, mean, t_low, t_high, bootstrap_low, bootstrap_high "
                + $"FROM '{folder["out"]}/groups.csv' WHERE measure = 'test_accuracy' ORDER BY learning_rate"
        );
        Assert.Equal(2, group.Count);
        Assert.Equal([false, 0.125, 3L, 3L], group[0][..4]);
        double Of(int column) => (double)group[0][column]!;
        Assert.Equal(0.72, Of(4), 1e-12);
        // Student: 0.72 ± 4.302653·0.02/√3, to 0.769683. Of the logits 0.847298, 0.944462, 1.045969 down to 0.668
        // turned back, which is farther.
        Assert.Equal(0.6679941894, Of(5), 1e-7);
        Assert.Equal(0.72 + 4.302653 * 0.02 / Math.Sqrt(3), Of(6), 1e-7);
        Assert.InRange(Of(7), 0.70, 0.71);
        Assert.Equal(0.72, (Of(7) + Of(8)) / 2, 1e-9);
        Assert.Equal([false, 0.5, 2L, 2L], group[1][..4]);
    }

    [Fact]
    public void The_tables_of_runs_hold_every_cell_that_is_begun()
    {
        using var folder = new TemporaryFolder();
        TableTests.Export(ExportFolders.Sweep(folder["sweep"], Accuracies).Path, "parquet", folder["out"]);
        var steps = Duck.Rows(
            $"SELECT cell, count(*), max(time) FROM '{folder["out"]}/steps.parquet' GROUP BY cell ORDER BY cell"
        );
        Assert.Equal(
            ["cell-0.125-0", "cell-0.125-1", "cell-0.125-2", "cell-0.5-0", "cell-0.5-1"],
            steps.Select(row => row[0])
        );
        Assert.All(steps, row => Assert.Equal([3L, 0.2 + 0.1], row[1..]));
        Assert.Equal("cell", Duck.Columns($"{folder["out"]}/eigenpairs.parquet")[0].Name);
    }

    [Fact]
    public void Verdicts_name_every_claim_and_a_sweep_not_begun_has_a_plan_to_export()
    {
        using var folder = new TemporaryFolder();
        var files = TableTests.Export(ExportFolders.Sweep(folder["sweep"], []).Path, "csv", folder["out"]);
        Assert.Equal(
            ["cells.csv", "correlations.csv", "evidence.csv", "groups.csv", "signatures.csv", "verdicts.csv"],
            files.Select(Path.GetFileName).Order()
        );
        var claims = Duck.Rows($"SELECT DISTINCT claim[1:2], verdict FROM '{folder["out"]}/verdicts.csv' ORDER BY ALL");
        Assert.Equal(
            [
                ["C1", "inconclusive"],
                ["C2", "inconclusive"],
                ["C3", "inconclusive"],
                ["C4", "inconclusive"],
            ],
            claims
        );
    }

    [Fact]
    public void Every_table_is_in_the_formats_document()
    {
        using var folder = new TemporaryFolder();
        var document = File.ReadAllText(Path.Combine(Source.Root, "docs", "formats.md"));
        var missing = ExportSource
            .Open(ExportFolders.Sweep(folder["sweep"], Accuracies).Path)
            .Tables.Where(table => !document.Contains($"| `{table.Name}` |", StringComparison.Ordinal))
            .Select(table => table.Name);
        Assert.Empty(missing);
    }
}
