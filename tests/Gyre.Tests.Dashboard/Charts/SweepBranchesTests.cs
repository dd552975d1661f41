using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>Parents and the forks that leave them.</summary>
public class SweepBranchesTests
{
    [Fact]
    public void A_fork_hangs_below_its_parent_and_leaves_its_lane_where_the_rate_is_reduced()
    {
        var sweep = SyntheticSweep.Usual.Read();
        var branches = SweepBranches.FromSweep(sweep, Sweeps.At("?over=step"));
        var parents = branches.Roots.Where(root => root.Forks.Count > 0).ToArray();
        Assert.Equal(3, parents.Length);
        Assert.All(
            parents,
            parent => Assert.Equal(parent.State.Cell.Folder, Assert.Single(parent.Forks).State.Cell.Parent)
        );
        var lanes = branches.Lanes.ToArray();
        var stem = branches
            .Chart(Sweeps.At("?over=step"))
            .Lines.First(line => line.Unlisted && line.Name == "catapult");
        var (x, y) = (stem.X.ToArray(), stem.Y.ToArray());
        var lane = Array.FindIndex(lanes, branch => branch.State.Cell.Parent is not null);
        var own = lanes.Length - 1 - lane;
        var at = Array.FindIndex(y, value => value == own);
        Assert.Equal((20, own + 1), (x[at - 1], y[at - 1])); // on the parent's lane
        Assert.Equal((20, own), (x[at], y[at]));
        Assert.Equal((60, own), (x[at + 1], y[at + 1]));
        Assert.True(double.IsNaN(x[at + 2]) && stem.Broken);
    }

    [Fact]
    public void Over_training_time_a_fork_leaves_at_the_sum_of_the_step_sizes_before()
    {
        var sweep = SyntheticSweep.Usual.Read();
        var branches = SweepBranches.FromSweep(sweep, Sweeps.At());
        var fork = branches.Lanes.First(branch => branch.State.Cell.Parent is not null).State;
        var stem = branches.Chart(Sweeps.At()).Lines.First(line => line.Unlisted && line.Name == "catapult");
        Assert.Equal(20 * 0.5, fork.Series!.Measures.ForkTime, 9);
        Assert.Contains(stem.X.ToArray(), x => Math.Abs(x - 20 * 0.5) < 1e-9);
        Assert.Contains(stem.X.ToArray(), x => Math.Abs(x - (20 * 0.5 + 40 * 0.02)) < 1e-9);
    }

    [Fact]
    public void Lanes_are_labelled_with_rate_and_accuracy_and_ends_marked_by_outcome()
    {
        var sweep = SyntheticSweep.Usual.Read();
        var chart = SweepBranches.FromSweep(sweep, Sweeps.At()).Chart(Sweeps.At());
        var accuracy = 100 * SyntheticSweep.Accuracy(0.5, 0);
        Assert.Contains(
            FormattableString.Invariant($"1 · seed 0 · {accuracy:0.0} %"),
            chart.TicksY.Select(tick => tick.Text)
        );
        Assert.Contains(
            FormattableString.Invariant($"1 → 0.04 · seed 0 · {accuracy + 1:0.0} %"),
            chart.TicksY.Select(tick => tick.Text)
        );
        var ends = chart.Lines.Where(line => !line.Unlisted).ToArray();
        Assert.Equal(["stable", "edge of stability", "catapult"], ends.Select(line => line.Name));
        Assert.Equal(3, ends.Select(line => line.Mark).Distinct().Count());
        Assert.Equal(sweep.Cells.Count, ends.Sum(line => line.X.Length));
    }

    [Fact]
    public void Where_more_than_the_rate_varies_lanes_say_the_other_values()
    {
        var chart = SweepBranches
            .FromSweep((SyntheticSweep.Usual with { Activations = ["\"relu\"", "\"tanh\""] }).Read(), Sweeps.At())
            .Chart(Sweeps.At());
        Assert.StartsWith("relu · 0.04 · seed 0", chart.TicksY[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("tanh · 1 → 0.04 · seed 2", chart.TicksY[^1].Text, StringComparison.Ordinal);
        Assert.Equal(chart.TicksY.Count, chart.TicksY.Select(tick => tick.Text).Distinct().Count());
    }

    [Fact]
    public void A_click_finds_the_branch_of_the_lane()
    {
        var branches = SweepBranches.FromSweep(SyntheticSweep.Usual.Read(), Sweeps.At());
        var lanes = branches.Lanes;
        Assert.Equal(lanes[0].State, branches.At(lanes.Count - 1));
        Assert.Equal(lanes[^1].State, branches.At(0.2));
        Assert.Null(branches.At(-3));
        Assert.Null(branches.At(lanes.Count));
    }

    [Fact]
    public void A_run_that_goes_is_as_long_as_it_is_now_and_one_that_is_not_begun_has_no_line()
    {
        var sweep = (SyntheticSweep.Usual with { Done = 0 }).Read();
        var running = sweep.Cells.Single(cell => cell.Cell is { Seed: 1, Parent: not null });
        sweep = sweep with
        {
            Cells =
            [
                .. sweep.Cells.Select(cell =>
                    cell == running ? cell with { Row = Sweeps.Row(cell.Cell, RunRow.Running, 30) } : cell
                ),
            ],
        };
        var chart = SweepBranches.FromSweep(sweep, Sweeps.At()).Chart(Sweeps.At());
        var end = Assert.Single(chart.Lines, line => !line.Unlisted);
        Assert.Equal(20 * 0.5 + 10 * 0.02, end.X.Span[0], 9);
        Assert.Contains(chart.TicksY, tick => tick.Text.EndsWith("open", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_many_cells_the_first_seed_is_shown_and_another_or_all_can_be_chosen()
    {
        var sweep = new SyntheticSweep([.. Enumerable.Range(1, 20).Select(i => 0.01 * i)], 5).Read();
        Assert.Equal(0, SweepBranches.FromSweep(sweep, Sweeps.At()).Seed);
        Assert.Equal(21, SweepBranches.FromSweep(sweep, Sweeps.At()).Lanes.Count);
        Assert.Equal(3, SweepBranches.FromSweep(sweep, Sweeps.At("?seed=3")).Lanes[0].State.Cell.Seed);
        Assert.Equal(105, SweepBranches.FromSweep(sweep, Sweeps.At("?seed=all")).Lanes.Count);
        Assert.Null(SweepBranches.FromSweep(SyntheticSweep.Usual.Read(), Sweeps.At()).Seed);
    }

    [Fact]
    public void Parents_that_go_round_or_are_missing_lose_no_cell()
    {
        var plan = SyntheticSweep.Usual.Plan();
        SweepCellRecord[] cells =
        [
            .. plan.Cells.Select(
                (cell, i) =>
                    i switch
                    {
                        0 => cell with { Parent = plan.Cells[1].Folder },
                        1 => cell with { Parent = plan.Cells[0].Folder },
                        2 => cell with { Parent = cell.Folder },
                        4 => cell with { Parent = "nowhere" },
                        _ => cell,
                    }
            ),
        ];
        var branches = SweepBranches.FromSweep(Sweep(cells), Sweeps.At());
        Assert.Equal(
            cells.Select(cell => cell.Folder).Order(),
            branches.Lanes.Select(branch => branch.State.Cell.Folder).Order()
        );
        Assert.NotEmpty(branches.Chart(Sweeps.At()).TicksY);
    }

    [Fact]
    public void Of_a_chain_of_forks_without_end_all_are_there()
    {
        var one = SyntheticSweep.Usual.Plan().Cells[0];
        SweepCellRecord[] cells =
        [
            .. Enumerable
                .Range(0, 20_000)
                .Select(i =>
                    one with
                    {
                        Folder = FormattableString.Invariant($"c{i}"),
                        Parent = i == 0 ? null : FormattableString.Invariant($"c{i - 1}"),
                        ForkStep = i,
                        ReducedTo = 0.01,
                    }
                ),
        ];
        var branches = SweepBranches.FromSweep(Sweep(cells), Sweeps.At("?seed=all"));
        Assert.Equal(cells.Length, branches.Roots.Sum(root => root.All.Count()));
        Assert.Contains("of 20000 branches", branches.Chart(Sweeps.At()).Note, StringComparison.Ordinal);
    }

    private static SweepSnapshot Sweep(SweepCellRecord[] cells) =>
        new()
        {
            Key = "sweeps/a",
            Plan = SyntheticSweep.Usual.Plan() with { Cells = cells },
            Cells = [.. cells.Select(cell => Sweeps.State(cell, null))],
        };
}
