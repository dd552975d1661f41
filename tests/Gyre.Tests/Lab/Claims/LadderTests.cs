using Gyre.Lab.Claims;
using static Gyre.Tests.Lab.Claims.SyntheticCells;

namespace Gyre.Tests.Lab.Claims;

public class LadderTests
{
    private const double Small = 0.02;
    private const double Large = 0.5;

    [Fact]
    public void Peaks_that_fall_with_the_moment_support_C2d_and_say_from_where_to_where()
    {
        Ladder(peaks: [80, 60, 40])
            .Decides(
                "C2d",
                VerdictKind.Supported,
                "the peak falls (p = 0.0046); from 81 [78.5, 83.5] never large to 41 [38.5, 43.5] large until time 20"
            );
        Ladder(peaks: [40, 60, 80]).Decides("C2d", VerdictKind.Opposite);
        Ladder(peaks: [60, 60, 60]).Decides("C2d", VerdictKind.Inconclusive);
    }

    [Fact]
    public void A_peak_that_the_end_cut_off_is_a_lower_bound_and_does_not_count_as_lower_than_an_earlier_one()
    {
        var cut = Ladder(
            peaks: [80, 60, 40],
            (rung, _, cell) => rung < 2 ? cell : cell with { After = cell.After with { PeakPassed = false } }
        );
        var part = cut.Part("C2d");
        Assert.Contains("3 of 9 peaks are lower bounds", part.Reason, StringComparison.Ordinal);
        // Ranks of a block are 2.5, 1.5 and 2: the last may be anywhere. Falling has no more evidence than one pair a
        // seed.
        Assert.Equal(VerdictKind.Inconclusive, part.Kind);
        // A first peak that was cut off is higher still.
        Ladder(
                peaks: [80, 60, 40],
                (rung, _, cell) => rung > 0 ? cell : cell with { After = cell.After with { PeakPassed = false } }
            )
            .Decides("C2d", VerdictKind.Supported);
    }

    [Fact]
    public void Runs_that_met_the_threshold_at_the_small_rate_are_counted()
    {
        var met = Ladder(
            peaks: [80, 60, 40],
            (rung, seed, cell) =>
                rung == 1 && seed == 2 ? cell with { After = cell.After with { MostOfThreshold = 1.02 } } : cell
        );
        Assert.EndsWith(
            "; at the small learning rate, sharpness reached the threshold in 1 of 9 runs",
            met.Part("C2d").Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void C2e_takes_the_smallest_loss_that_all_pass_and_says_how_much_of_the_fall_is_left()
    {
        var ladder = Ladder(
            peaks: [80, 60, 40],
            (rung, seed, cell) =>
                cell with
                {
                    After = cell.After with
                    {
                        Passages =
                        [
                            At(0.2, 70, 0.8),
                            .. rung == 2 && seed == 1
                                ? Array.Empty<LossPassage>()
                                : [At(0.05, 45 - 5 * rung + seed, 0.8)],
                            At(0.1, 50 - 10 * rung + seed, 0.8),
                        ],
                    },
                }
        );
        ladder.Decides(
            "C2e",
            VerdictKind.Supported,
            "sharpness at loss 0.1 falls (p = 0.0046); it falls by 20 [20, 20], 50 % of the fall of the peaks"
        );
        Ladder(peaks: [80, 60, 40])
            .Lacks(
                "C2e",
                "no loss of 0.5, 0.2, 0.1, 0.05, 0.02 is passed by every run at a point where sharpness is known"
            );
    }

    [Fact]
    public void Sharpness_that_is_one_at_equal_loss_leaves_the_falling_peaks_to_the_progress_of_the_training() =>
        Ladder(
                peaks: [80, 60, 40],
                (rung, seed, cell) =>
                    cell with
                    {
                        After = cell.After with { Passages = [At(0.1, 50 + (rung + seed) % 3, 0.8)] },
                    }
            )
            .Decides("C2e", VerdictKind.Inconclusive);

    [Fact]
    public void C2f_compares_with_the_small_rate_where_it_is_as_far_from_the_start()
    {
        CellMeasures Far(int rung, int seed, CellMeasures cell) =>
            cell with
            {
                ForkDistance = rung == 0 ? 0 : 2 + rung,
                SharpnessByDistance = rung > 0 ? [] : [(1, 90), (3, 70 + seed), (4, 65 + seed)],
            };
        // 60 + s less 70 + s at distance 3, and 40 + s less 65 + s at distance 4.
        Ladder(peaks: [80, 60, 40], Far)
            .Decides(
                "C2f",
                VerdictKind.Supported,
                "peak minus that of the small learning rate at equal distance is −17.5 [−17.5, −17.5], below 0"
            );
        Ladder(
                peaks: [80, 60, 40],
                (rung, seed, cell) => Far(rung, seed, cell) with { ForkDistance = rung == 2 ? 9 : 3 }
            )
            .Decides(
                "C2f",
                VerdictKind.Supported,
                "peak minus that of the small learning rate at equal distance (3 of 6 branches left out: the run at "
                    + "the small learning rate never came that far) is −10 [−10, −10], below 0"
            );
        Ladder(peaks: [80, 60, 40], (rung, seed, cell) => Far(rung, seed, cell) with { ForkDistance = 9 })
            .Lacks("C2f", "the run at the small learning rate came as far as a branch at 0 of 3 seeds; this needs two");
    }

    [Fact]
    public void C2_follows_from_its_deciding_parts_and_C2a_and_C2f_are_shown_alone()
    {
        var data = Ladder(
            peaks: [80, 60, 40],
            (rung, seed, cell) =>
                cell with
                {
                    FinalSharpness = 30 - 10 * rung,
                    SharpnessInTime = [(10, 50 - 10 * rung), (30, 50 - 10 * rung + seed), (40, 50 - 10 * rung)],
                    After = cell.After with { Passages = [At(0.1, 50 - 10 * rung + seed, 0.8)] },
                },
            Grid([0.1, 0.3], 3, (i, _, cell) => cell with { FinalSharpness = 20 - 5 * i })
        );
        Assert.Equal(
            ["inconclusive", "supported", "supported", "supported", "supported", "inconclusive"],
            ClaimCatalog.Decide(data).Where(part => part.Claim is ['C', '2', _]).Select(part => part.Name)
        );
        data.Decides(
            "C2",
            VerdictKind.Supported,
            "C2a inconclusive; C2b supported; C2c supported; C2d supported; C2e supported; C2f inconclusive"
        );
        Assert.Equal(
            "all of C2b, C2c, C2d, C2e supported; not supported if one of them is not supported, or if its opposite "
                + "holds",
            data.Part("C2").Rule
        );
    }

    [Fact]
    public void C3c_chooses_the_best_moment_by_the_other_seeds()
    {
        var rising = Ladder(
            peaks: [80, 60, 40],
            (rung, seed, cell) =>
                cell with
                {
                    After = cell.After with { Passages = [At(0.1, 50, 0.80 + 0.01 * rung + 0.001 * seed)] },
                }
        );
        rising.Decides(
            "C3c",
            VerdictKind.Supported,
            "at loss 0.1, best moment, chosen for each seed by the others: large until time 20; gain over never "
                + "large +2.00 points [+2.00, +2.00], over large until time 20 0.00 points [0.00, 0.00]"
        );
        var falling = Ladder(
            peaks: [80, 60, 40],
            (rung, seed, cell) => cell with { After = cell.After with { Passages = [At(0.1, 50, 0.80 - 0.01 * rung)] } }
        );
        falling.Decides("C3c", VerdictKind.NotSupported);
        // Each seed has another best moment: chosen by the others, it gains nothing on the seed left out.
        var chance = Ladder(
            peaks: [80, 60, 40],
            (rung, seed, cell) =>
                cell with
                {
                    After = cell.After with { Passages = [At(0.1, 50, 0.80 + (rung == seed ? 0.03 : 0))] },
                }
        );
        Assert.NotEqual(VerdictKind.Supported, chance.Part("C3c").Kind);
    }

    [Fact]
    public void C3d_compares_at_equal_training_time_with_the_small_rate_and_the_largest_stable_one()
    {
        ClaimData Of(double stable) =>
            Ladder(
                peaks: [80, 60, 40],
                (rung, seed, cell) =>
                    cell with
                    {
                        EndTime = rung == 0 ? 70 : 40,
                        TestAccuracy = rung == 0 ? 0.9 : 0.82 + 0.001 * seed,
                        AccuracyInTime = [(0, 0.1), (30, 0.79), (50, 0.81), (70, 0.9)],
                    },
                Grid([0.03], 3, (_, _, cell) => cell with { EndTime = 70, AccuracyInTime = [(0, 0.1), (40, stable)] }),
                Grid([0.3], 3, (_, seed, cell) => Unstable(0.3, seed))
            );
        // At time 40 the small rate is at 80 %, half way between two evaluations.
        Of(0.81)
            .Decides(
                "C3d",
                VerdictKind.Supported,
                "best moment, chosen for each seed by the others: large until time 6; gain over eta 0.02 throughout "
                    + "+2.10 points [+1.85, +2.35], over eta 0.03, the largest below the threshold, +1.10 points "
                    + "[+0.85, +1.35]"
            );
        Of(0.85).Decides("C3d", VerdictKind.Opposite);
    }

    [Fact]
    public void A_sweep_without_a_ladder_has_no_such_part() =>
        Assert.DoesNotContain(
            ClaimCatalog.Decide(Swept(Grid([Small, Large], 3, (_, _, cell) => cell))),
            part => part.Claim is "C2d" or "C2e" or "C2f" or "C3c" or "C3d"
        );

    /// <summary>Never large, large until 6 and until 20, at seeds 0, 1 and 2; a seed adds itself to the peak.</summary>
    private static ClaimData Ladder(
        double[] peaks,
        Func<int, int, CellMeasures, CellMeasures>? change = null,
        params IEnumerable<CellMeasures>[] others
    )
    {
        double[] moments = [0, 6, 20];
        var cells =
            from rung in Enumerable.Range(0, moments.Length)
            from seed in Enumerable.Range(0, 3)
            let cell = Rung(moments[rung], seed) with
            {
                After = new AfterReduction
                {
                    Peak = peaks[rung] + seed,
                    PeakError = 0.1,
                    PeakPassed = true,
                    MostOfThreshold = 0.9,
                },
            }
            select change?.Invoke(rung, seed, cell) ?? cell;
        return Swept([cells, .. others]);
    }

    private static CellMeasures Rung(double moment, int seed)
    {
        if (moment == 0)
            return Cell(Small, seed);
        var fork = Unstable(Large, seed) with { ForkTime = moment };
        return fork with
        {
            Cell = fork.Cell with
            {
                Folder = $"{moment}-{seed}",
                Group = $"eta {Large} → {Small} at time {moment}",
                Parent = "parent",
                ForkStep = 10,
                ReducedTo = Small,
            },
        };
    }

    private static LossPassage At(double loss, double sharpness, double accuracy) => new(loss, 30, sharpness, accuracy);
}
