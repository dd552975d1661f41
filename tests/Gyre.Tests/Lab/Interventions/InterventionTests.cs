using Gyre.Lab.Interventions;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Interventions;

/// <summary>What interventions leave of a step, against dense Hessians of a small network in float64.</summary>
public sealed class InterventionTests : IDisposable
{
    private readonly TinyProblem _problem = new(samples: 20, widths: [6]);
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _problem.Dispose();
    }

    [Theory]
    [InlineData("bulk-only")]
    [InlineData("dominant-only")]
    public void A_projected_step_is_its_part_across_or_along_the_dense_eigenvectors(string name)
    {
        var (step, leading) = (Step(), Leading(_problem.Theta, 3));
        var inside = leading.t().mv(leading.mv(step));
        var changed = Changed(new InterventionOptions { Name = name, Pairs = 3 }, step);
        var expected = name == "bulk-only" ? step - inside : inside;
        Assert.True((changed.Update - expected).norm().item<double>() < 1e-3 * step.norm().item<double>());
        Assert.Equal(((step - expected).norm() / step.norm()).item<double>(), changed.Effect.Removed, 1e-3);
    }

    [Fact]
    public void A_clipped_bounce_ends_at_the_bound_and_leaves_the_rest_of_the_step()
    {
        var v = Leading(_problem.Theta, 1)[0];
        using var graph = _problem.Objective.Linearize(long.MaxValue);
        var sharpness = v.dot(graph.Product(v)).item<double>();
        var bottom = v.dot(graph.Value.Gradient).item<double>() / sharpness;
        var step = Step() + v * (bottom + 0.7); // would end 0.7 beyond the bottom
        var changed = Changed(
            new InterventionOptions
            {
                Name = "clip-sharpest",
                Pairs = 2,
                Bound = 0.2,
            },
            step
        ).Update;
        Assert.Equal(0.2, Math.Abs(bottom - v.dot(changed).item<double>()), 1e-3);
        Assert.True((changed - step - v * v.dot(changed - step)).norm().item<double>() < 1e-3);
    }

    [Fact]
    public void Outside_of_instabilities_a_step_is_left_as_it_is()
    {
        var step = Step();
        var (update, effect) = Changed(new InterventionOptions { Name = "bulk-only", When = "instability" }, step);
        Assert.True(update.equal(step).all().item<bool>());
        Assert.Equal(0, effect.Removed);
    }

    /// <summary>
    /// The first-order turn that is told is the slope, at length zero, of the angle between dense eigenvectors; after
    /// freezing, the slope is what is told then: less than a tenth with two directions.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_turn_before_and_after_is_that_of_dense_eigenvectors(int directions)
    {
        var step = Step() * 1e-2;
        var (frozen, effect) = Changed(
            new InterventionOptions { Name = "freeze-rotation", Directions = directions },
            step
        );
        Assert.Equal(effect.FreeTurnDegrees!.Value, Slope(step), 0.02 * effect.FreeTurnDegrees.Value);
        Assert.Equal(effect.TurnDegrees!.Value, Slope(frozen), 0.02 * effect.FreeTurnDegrees.Value);
        Assert.InRange(
            effect.TurnDegrees.Value / effect.FreeTurnDegrees.Value,
            0,
            directions switch
            {
                1 => 0.9,
                2 => 0.6,
                _ => 0.3,
            }
        );
        Assert.InRange(effect.Removed, 0.001, 1);
    }

    /// <summary>
    /// What one direction is taken out for: the frozen step turns v1 no more the way the free step did, and another
    /// direction of the same length would not do.
    /// </summary>
    [Fact]
    public void The_frozen_step_does_not_turn_the_way_the_free_one_did()
    {
        var step = Step() * 1e-2;
        var frozen = Changed(new InterventionOptions { Name = "freeze-rotation", Directions = 1 }, step).Update;
        var (free, left) = (Turn(step, 0.1), Turn(frozen, 0.1));
        Assert.InRange(Math.Abs(free.dot(left).item<double>()) / free.dot(free).item<double>(), 0, 0.01);
        // across it something is left, so that the line above says something
        Assert.True(left.norm().item<double>() > 0.02 * free.norm().item<double>());
    }

    [Fact]
    public void The_control_bounces_as_the_frozen_step_and_is_as_short_in_its_own_direction()
    {
        var step = Step();
        var v = Leading(_problem.Theta, 1)[0];
        var frozen = Changed(new InterventionOptions { Name = "freeze-rotation" }, step).Update;
        var control = Changed(new InterventionOptions { Name = "shorter-step" }, step).Update;
        Tensor Across(Tensor vector) => vector - v * v.dot(vector);
        Assert.Equal(v.dot(frozen).item<double>(), v.dot(control).item<double>(), 1e-4);
        Assert.Equal(frozen.norm().item<double>(), control.norm().item<double>(), 1e-4);
        Assert.Equal(
            1,
            (Across(control).dot(Across(step)) / Across(control).norm() / Across(step).norm()).item<double>(),
            1e-4
        );
        Assert.True((control - frozen).norm().item<double>() > 0.01 * step.norm().item<double>());
    }

    /// <summary>
    /// Degrees that v1 turns along a step, by central differences over dense eigenvectors, at the step length where two
    /// lengths agree best.
    /// </summary>
    private double Slope(Tensor step)
    {
        double[] lengths = [1, 0.3, 0.1, 0.03, 0.01];
        var turns = Array.ConvertAll(lengths, length => Turn(step, length).norm().item<double>() * 180 / Math.PI);
        return Enumerable.Range(1, lengths.Length - 1).MinBy(i => Math.Abs(turns[i] - turns[i - 1])) is var best
            ? turns[best]
            : double.NaN;
    }

    /// <summary>
    /// Change of the dense v1 along a step of length 1, from one of this length both ways; its sign is that of v1 at
    /// theta.
    /// </summary>
    private Tensor Turn(Tensor step, double length)
    {
        var theta = _problem.Theta;
        var parts = step.data<double>().ToArray();
        var here = Leading(theta, 1)[0];
        here = here * here.sum().sign();
        Tensor At(double sign)
        {
            var there = Leading([.. theta.Zip(parts, (one, part) => one - sign * length * part)], 1)[0];
            return there * there.dot(here).sign();
        }
        return (At(1) - At(-1)) / (2 * length);
    }

    private Tensor Step()
    {
        using var generator = new Generator(5);
        var noise = randn([_problem.Objective.Layout.Dimension], dtype: ScalarType.Float64, generator: generator);
        return _problem.Objective.Evaluate().Gradient + noise * 0.05;
    }

    private (Tensor Update, InterventionEffect Effect) Changed(InterventionOptions options, Tensor step)
    {
        using var intervention = new Intervention(options);
        using var graph = _problem.Objective.Linearize(long.MaxValue);
        return intervention.Change(step, graph, 1e9, 0);
    }

    /// <summary>Leading dense eigenvectors at a theta, <c>[k, n]</c>.</summary>
    private Tensor Leading(double[] theta, int pairs)
    {
        var before = _problem.Theta;
        _problem.Theta = theta;
        var dense = tensor(_problem.HessianByProducts(long.MaxValue));
        _problem.Theta = before;
        var vectors = linalg.eigh((dense + dense.t()) / 2).Item2;
        return vectors.t().flip(0).narrow(0, 0, pairs).contiguous();
    }
}
