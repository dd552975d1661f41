using Gyre.Lab.Dynamics;

namespace Gyre.Tests.Lab.Dynamics;

/// <summary>Each cause of a follow-up, what bounds it, and that decisions come from the records alone.</summary>
public class FollowUpsTests
{
    private const int Every = 10;
    private const int Burst = 3;

    private static readonly FollowOptions Usual = new(0.1, 0.95, 1.5, 2, Burst);

    [Fact]
    public void A_quiet_training_is_measured_in_regular_bursts_alone() =>
        Assert.Empty(Followed(_ => 1, _ => 0.5, _ => 1, 60));

    [Fact]
    public void A_burst_begins_where_the_loss_is_a_tenth_above_its_recent_minimum_and_goes_on_while_it_rises()
    {
        // 1.05 is no rise; from 1.2 on it is, to the peak at step 17 and two steps more.
        double Loss(int step) =>
            step switch
            {
                14 => 1.05,
                15 => 1.2,
                16 => 1.4,
                17 => 1.5,
                18 => 1.45,
                19 => 1.3,
                _ => 1,
            };
        Assert.Equal(
            [
                (15, FollowReason.Loss, 0),
                (16, FollowReason.Loss, 1),
                (17, FollowReason.Loss, 2),
                (18, FollowReason.Loss, 3),
                (19, FollowReason.Loss, 4),
            ],
            Followed(Loss, _ => 0.5, _ => 1, 40)
        );
    }

    [Fact]
    public void A_burst_more_lies_half_way_while_sharpness_was_last_near_the_threshold()
    {
        Assert.Equal(
            [15, 16, 17, 25, 26, 27],
            Followed(_ => 1, step => step is >= 10 and < 25 ? 0.96 : 0.94, _ => 1, 50).Select(one => one.Step)
        );
        Assert.All(Followed(_ => 1, _ => 1.2, _ => 1, 50), one => Assert.Equal(FollowReason.Edge, one.Reason));
    }

    [Fact]
    public void A_burst_begins_on_the_step_after_an_update_that_grew() =>
        Assert.Equal(
            [(15, FollowReason.Update, 0), (16, FollowReason.Update, 1), (17, FollowReason.Update, 2)],
            Followed(_ => 1, _ => 0.5, step => step < 14 ? 1 : 1.6, 40)
        );

    [Fact]
    public void What_the_steps_before_tell_is_due_before_the_loss_is_known_and_stays_due()
    {
        var follow = Fed(_ => 1, _ => 1.2, _ => 1, 15, out _);
        Assert.Equal(new FollowPlace(FollowReason.Edge, 0), follow.Due(15));
        Assert.Equal(new FollowPlace(FollowReason.Edge, 0), follow.Due(15, 1));
        Assert.Equal(new FollowPlace(FollowReason.Loss, 0), follow.Due(15, 1.3));
        Assert.Null(Fed(_ => 1, _ => 0.5, _ => 1, 14, out _).Due(14));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(0.4)]
    [InlineData(0)]
    public void Products_never_exceed_the_budget_and_half_of_it_is_kept_for_rises_of_the_loss(double budget)
    {
        Fed(step => 1 + 0.2 * step, _ => 1.2, _ => 1, 400, out var rising, Usual with { Budget = budget });
        Fed(_ => 1, _ => 1.2, step => 1 << step % 16, 400, out var calm, Usual with { Budget = budget });
        Assert.InRange(rising.Extra, budget == 0 ? 0 : 1, budget * rising.Regular);
        Assert.InRange(calm.Extra, budget == 0 ? 0 : 1, budget / 2 * calm.Regular);
        Assert.True(budget == 0 || rising.Extra > 1.3 * calm.Extra);
    }

    [Fact]
    public void The_same_records_give_the_same_decisions_at_every_step()
    {
        double Loss(int step) => 1 + 0.4 * Math.Pow(Math.Sin(step / 7.0), 8);
        double Ratio(int step) => 1 + 0.3 * Math.Sin(step / 13.0);
        double Norm(int step) => Math.Exp(Math.Sin(step / 1.7));
        for (var stop = 0; stop < 120; stop++)
        {
            var live = Fed(Loss, Ratio, Norm, stop, out _);
            var again = Fed(Loss, Ratio, Norm, stop, out _);
            Assert.Equal(live.Due(stop, Loss(stop)), again.Due(stop, Loss(stop)));
        }
        Assert.NotEmpty(Followed(Loss, Ratio, Norm, 120));
    }

    [Fact]
    public void Where_nothing_regular_was_measured_nothing_is_followed()
    {
        var follow = new FollowUps(Usual, _ => true);
        follow.Next(0, 1, 1, null);
        Assert.Null(follow.Due(1, 5));
    }

    [Fact]
    public void A_rise_begins_at_the_recent_minimum_and_ends_half_way_back()
    {
        double[] losses = [1, 0.8, 0.9, 1.2, 1.6, 1.25, 1.1, 1.3, 1.5, 1.2, double.NaN, 0.9, 2];
        Assert.Equal(
            [new LossRise(1, 0.8, 4, 1.6, 6), new LossRise(6, 1.1, 8, 1.5, 9), new LossRise(11, 0.9, 12, 2, null)],
            LossRises.Find(losses.Select((loss, step) => ((long)step, loss)))
        );
        Assert.Empty(LossRises.Find([(0, 1), (1, 1e-14), (2, 1e-13)])); // rounding
        Assert.Single(LossRises.Find([(0, 1), (1, 1e-10), (2, 1e-9)]));
    }

    private static List<(int Step, FollowReason Reason, int Position)> Followed(
        Func<int, double> loss,
        Func<int, double> ratio,
        Func<int, double> norm,
        int steps
    )
    {
        var found = new List<(int, FollowReason, int)>();
        Fed(loss, ratio, norm, steps, out _, seen: found.Add);
        return found;
    }

    /// <summary>Fed with the steps before <paramref name="steps"/>; a measurement takes 10 to 15 products.</summary>
    private static FollowUps Fed(
        Func<int, double> loss,
        Func<int, double> ratio,
        Func<int, double> norm,
        int steps,
        out (int Regular, int Extra) products,
        FollowOptions? options = null,
        Action<(int, FollowReason, int)>? seen = null
    )
    {
        var follow = new FollowUps(options ?? Usual, step => step % Every == Every / 2);
        var (regular, extra) = (0, 0);
        for (var step = 0; step < steps; step++)
        {
            var due = step % Every < Burst ? null : follow.Due(step, loss(step));
            FollowedMeasurement? measured =
                step % Every < Burst || due is not null ? new(ratio(step), 1, 10 + step % 6, due?.Reason) : null;
            if (due is not null)
                seen?.Invoke((step, due.Reason, due.Position));
            (regular, extra) = (
                regular + (due is null ? measured?.Products ?? 0 : 0),
                extra + (due is null ? 0 : measured!.Products)
            );
            follow.Next(step, loss(step), norm(step), measured);
        }
        products = (regular, extra);
        return follow;
    }
}
