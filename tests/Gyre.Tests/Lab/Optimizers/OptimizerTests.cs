using Gyre.Lab.Optimizers;
using Gyre.Tests.TestKit;
using TorchSharp.Modules;
using static TorchSharp.torch;
using OptimizerOptions = Gyre.Lab.Optimizers.OptimizerOptions;

namespace Gyre.Tests.Lab.Optimizers;

/// <summary>Update rules against TorchSharp's own, identities and closed forms, in float64.</summary>
public sealed class OptimizerTests : IDisposable
{
    private const double Rate = 0.05;

    private readonly TinyProblem _problem = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _problem.Dispose();
    }

    [Theory]
    [InlineData("gd")]
    [InlineData("polyak")]
    [InlineData("nesterov")]
    [InlineData("rmsprop")]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void A_hundred_steps_are_those_of_TorchSharp(string name)
    {
        var before = _problem.Theta;
        var ours = After(100, new OptimizerOptions { Name = name });
        _problem.Theta = before;
        using var theirs = Theirs(name, [.. _problem.Objective.Parameters]);
        for (var step = 0; step < 100; step++)
        {
            using var scope = NewDisposeScope();
            var parts = _problem.Objective.Layout.Split(_problem.Objective.Evaluate().Gradient);
            for (var i = 0; i < parts.Length; i++)
                _problem.Objective.Parameters[i].grad = parts[i].clone();
            theirs.step();
        }
        foreach (var parameter in _problem.Objective.Parameters)
            parameter.grad = null;
        Assert.True(Distance(before, ours) > 0.1);
        Assert.True(
            Distance(ours, _problem.Theta) < 1e-10 * Distance(before, ours),
            $"{name} is off by {Distance(ours, _problem.Theta)}"
        );
    }

    /// <summary>P is what an update is divided by: update·P = eta·m, whatever the step.</summary>
    [Theory]
    [InlineData("rmsprop", 0)]
    [InlineData("rmsprop", 0.01)]
    [InlineData("adam", 0)]
    [InlineData("adam", 0.01)]
    [InlineData("clipped-adam", 0)]
    public void The_preconditioner_is_what_the_next_update_divides_by(string name, double clip)
    {
        using var optimizer = OptimizerCatalog.Make(
            _problem.Objective,
            new OptimizerOptions
            {
                Name = name,
                PreconditionerLow = 0.01,
                PreconditionerHigh = 0.05,
                ClipNorm = clip,
            }
        );
        for (var step = 0; step < 5; step++)
        {
            using var scope = NewDisposeScope();
            var value = _problem.Objective.Evaluate();
            var kept = optimizer.State.ToDictionary(part => part.Key, part => part.Value.clone());
            var divisor = optimizer.Preconditioner(step, value)!;
            // only looked at
            Assert.All(optimizer.State, part => Assert.True(part.Value.equal(kept[part.Key]).all().item<bool>()));
            var update = optimizer.Update(step, value, Rate);
            var clipFactor = clip > 0 ? Math.Min(1, clip / value.GradientNorm) : 1;
            var mean = optimizer.State.TryGetValue("mean", out var first) ? first : value.Gradient * clipFactor;
            Assert.True((update * divisor - mean * Rate).abs().max().item<double>() < 1e-14);
            if (name == "clipped-adam")
            {
                var scale = 1 - Math.Pow(0.9, step + 1);
                Assert.InRange(divisor.min().item<double>() / scale, 0.01 - 1e-12, 0.05);
                Assert.InRange(divisor.max().item<double>() / scale, 0.01, 0.05 + 1e-12);
            }
            optimizer.Apply(update);
        }
    }

    [Fact]
    public void A_clipped_adam_without_bounds_is_adam()
    {
        var before = _problem.Theta;
        var plain = After(20, new OptimizerOptions { Name = "adam" });
        _problem.Theta = before;
        Assert.Equal(plain, After(20, new OptimizerOptions { Name = "clipped-adam" }));
    }

    [Fact]
    public void Batches_of_an_epoch_are_all_samples_once_in_an_order_of_its_own()
    {
        var order = new BatchOrder(12, 5, seed: 3);
        int[][] Epoch(int epoch) =>
            [.. Enumerable.Range(0, order.Batches).Select(batch => order.At(epoch * order.Batches + batch).ToArray())];
        var (first, second) = (Epoch(0), Epoch(1));
        Assert.Equal([5, 5, 2], first.Select(batch => batch.Length));
        Assert.All(
            [first, second],
            epoch => Assert.Equal(Enumerable.Range(0, 12), epoch.SelectMany(batch => batch).Order())
        );
        Assert.NotEqual(first.SelectMany(batch => batch), second.SelectMany(batch => batch));
        Assert.Equal(first, Epoch(0)); // whatever was asked for in between
        Assert.NotEqual(
            first.SelectMany(batch => batch),
            new BatchOrder(12, 5, seed: 4).At(0).ToArray().Concat(Epoch(0).Skip(1).SelectMany(batch => batch))
        );
    }

    /// <summary>The mean of the batches' gradients, each by its size, is the gradient of all.</summary>
    [Theory]
    [InlineData(5, 0)]
    [InlineData(4, 0.1)]
    public void Batch_gradients_add_up_to_the_gradient(int batch, double weightDecay)
    {
        using var problem = new TinyProblem(weightDecay: weightDecay, chunk: 7);
        var order = new BatchOrder(12, batch, seed: 1);
        var sum = zeros_like(problem.Objective.Evaluate().Gradient);
        var loss = 0.0;
        for (var i = 0; i < order.Batches; i++)
        {
            var value = problem.Objective.EvaluateOn(order.At(i));
            sum += value.Gradient * (order.At(i).Length / 12.0);
            loss += value.Loss * order.At(i).Length / 12.0;
        }
        var whole = problem.Objective.Evaluate();
        Assert.Equal(whole.Loss, loss, 1e-13);
        Assert.True((sum - whole.Gradient).abs().max().item<double>() < 1e-14);
    }

    [Fact]
    public void A_step_of_sgd_is_along_the_gradient_of_its_batch()
    {
        using var optimizer = OptimizerCatalog.Make(
            _problem.Objective,
            new OptimizerOptions
            {
                Name = "sgd",
                Batch = 5,
                Seed = 9,
            }
        );
        var expected = _problem.Objective.EvaluateOn(new BatchOrder(12, 5, 9).At(7)).Gradient * Rate;
        Assert.True(optimizer.Update(7, _problem.Objective.Evaluate(), Rate).equal(expected).all().item<bool>());
    }

    [Fact]
    public void Sam_takes_the_gradient_up_the_slope_and_leaves_theta()
    {
        var theta = _problem.Theta;
        var gradient = _problem.GradientAt(theta);
        var norm = Math.Sqrt(gradient.Sum(entry => entry * entry));
        var above = _problem.GradientAt([.. theta.Zip(gradient, (one, slope) => one + 0.3 * slope / norm)]);
        using var optimizer = OptimizerCatalog.Make(
            _problem.Objective,
            new OptimizerOptions { Name = "sam", Radius = 0.3 }
        );
        var update = optimizer.Update(0, _problem.Objective.Evaluate(), Rate).data<double>().ToArray();
        Assert.Equal(theta, _problem.Theta);
        Assert.True(Distance([.. above.Select(entry => Rate * entry)], update) < 1e-14);
        Assert.True(Distance([.. gradient.Select(entry => Rate * entry)], update) > 1e-3);
    }

    /// <summary>
    /// Doubling the flow's time in one step or two steps of half is the same flow; and its loss falls at the rate
    /// ‖∇L‖².
    /// </summary>
    [Fact]
    public void Gradient_flow_over_a_time_does_not_depend_on_how_it_is_cut()
    {
        var before = _problem.Theta;
        var whole = After(1, new OptimizerOptions { Name = "gradient-flow", CacheBytes = long.MaxValue }, rate: 2);
        _problem.Theta = before;
        var halves = After(2, new OptimizerOptions { Name = "gradient-flow", CacheBytes = long.MaxValue }, rate: 1);
        _problem.Theta = before;
        var fine = before;
        for (var i = 0; i < 4000; i++) // Euler's, so fine that its own error is below a thousandth
        {
            _problem.Theta = fine;
            fine = [.. fine.Zip(_problem.GradientAt(fine), (one, slope) => one - 2.0 / 4000 * slope)];
        }
        Assert.True(
            Distance(whole, halves) < 1e-5 * Distance(before, whole),
            $"halves are off by {Distance(whole, halves) / Distance(before, whole)}"
        );
        Assert.True(
            Distance(whole, fine) < 1e-3 * Distance(before, whole),
            $"Euler is off by {Distance(whole, fine) / Distance(before, whole)}"
        );
    }

    [Fact]
    public void A_clipped_gradient_has_the_norm_allowed_and_moves_the_edge()
    {
        var options = new OptimizerOptions { ClipNorm = 0.01 };
        using var optimizer = OptimizerCatalog.Make(_problem.Objective, options);
        var value = _problem.Objective.Evaluate();
        Assert.True(value.GradientNorm > 0.01);
        Assert.Equal(Rate * 0.01, optimizer.Update(0, value, Rate).norm().item<double>(), 1e-15);
        Assert.Equal(2 / (Rate * 0.01 / value.GradientNorm), optimizer.Threshold(Rate, value.GradientNorm), 1e-9);
        Assert.Equal(2 / Rate, optimizer.Threshold(Rate, 0.005), 1e-12);
    }

    /// <summary>
    /// On a quadratic, from its bottom plus a little: curvature below the edge shrinks what is there, above it grows;
    /// the edge of sam depends on how far up it bounces.
    /// </summary>
    [Theory]
    [InlineData("gd")]
    [InlineData("polyak")]
    [InlineData("nesterov")]
    [InlineData("sam")]
    public void The_edge_is_where_a_quadratic_begins_to_diverge(string name)
    {
        double After(double share)
        {
            var options = new OptimizerOptions { Name = name, Radius = 0.01 };
            using var weight = new Parameter(full([1, 1], 1.0, ScalarType.Float64));
            using var model = new OneWeight(weight);
            using var objective = new Gyre.Lab.Objectives.Objective(
                model,
                Gyre.Lab.Objectives.LossCatalog.Get("squared-error"),
                full([1, 1], 3.0, ScalarType.Float64),
                zeros([1, 1], ScalarType.Float64),
                1
            );
            using var optimizer = OptimizerCatalog.Make(objective, options); // L = 9w²/2
            var rate = 1.0;
            for (var i = 0; i < 60; i++) // eta at which 9 is that share of the edge
                rate *= Math.Pow(9 / optimizer.Threshold(rate, 9) / share, -1);
            for (var step = 0; step < (name == "sam" ? 1 : 2000); step++)
            {
                using var scope = NewDisposeScope();
                optimizer.Step(step, objective.Evaluate(), rate);
            }
            return Math.Abs(weight.item<double>());
        }
        Assert.InRange(After(0.99), 0, 1);
        Assert.True(After(1.01) > 1);
    }

    private double[] After(int steps, OptimizerOptions options, double rate = Rate)
    {
        using var optimizer = OptimizerCatalog.Make(_problem.Objective, options);
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.Step(step, _problem.Objective.Evaluate(), rate);
        }
        return _problem.Theta;
    }

    private static optim.Optimizer Theirs(string name, Parameter[] parameters) =>
        name switch
        {
            "gd" => optim.SGD(parameters, Rate),
            "polyak" => optim.SGD(parameters, Rate, momentum: 0.9),
            "nesterov" => optim.SGD(parameters, Rate, momentum: 0.9, nesterov: true),
            "rmsprop" => optim.RMSProp(parameters, Rate, alpha: 0.99, eps: 1e-8),
            "adam" => optim.Adam(parameters, Rate),
            _ => optim.AdamW(parameters, Rate, weight_decay: 0.01),
        };

    private static double Distance(double[] a, double[] b) =>
        Math.Sqrt(a.Zip(b, (one, other) => (one - other) * (one - other)).Sum());

    private sealed class OneWeight : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter _weight;

        public OneWeight(Parameter weight)
            : base("one")
        {
            _weight = weight;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input.mm(_weight);
    }
}
