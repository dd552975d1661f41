using Gyre.Lab.Objectives;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Objectives;

public class ObjectiveTests
{
    [Theory]
    [InlineData("cross-entropy", "tanh", 0.0)]
    [InlineData("cross-entropy", "gelu", 0.1)]
    [InlineData("squared-error", "tanh", 0.0)]
    [InlineData("squared-error", "silu", 0.3)]
    public void Products_agree_with_finite_differences_of_the_gradient(
        string loss,
        string activation,
        double weightDecay
    )
    {
        using var problem = new TinyProblem(loss, activation, weightDecay: weightDecay);
        var hessian = problem.HessianByProducts(long.MaxValue);
        var theta = problem.Theta;
        // The best of several steps: truncation falls and rounding grows as the step shrinks.
        var error = new[] { 1e-3, 1e-4, 1e-5, 1e-6 }.Min(step => FiniteDifferenceError(problem, theta, hessian, step));
        Assert.True(error < 1e-8, $"largest deviation {error:e2}");
    }

    [Fact]
    public void A_linear_network_with_squared_error_has_the_closed_form_hessian()
    {
        using var problem = new TinyProblem("squared-error", "linear", widths: []);
        var hessian = problem.HessianByProducts(long.MaxValue);
        var x = problem.Inputs.data<double>().ToArray();
        var (features, classes, samples) = (4, 3, 12);
        for (var c = 0; c < classes; c++)
        {
            for (var i = 0; i < features; i++)
            {
                for (var j = 0; j < features; j++)
                {
                    var moment =
                        Enumerable.Range(0, samples).Sum(s => x[s * features + i] * x[s * features + j]) / samples;
                    Assert.Equal(moment, hessian[c * features + i, c * features + j], 1e-12);
                }
                var mean = Enumerable.Range(0, samples).Sum(s => x[s * features + i]) / samples;
                Assert.Equal(mean, hessian[c * features + i, classes * features + c], 1e-12);
            }
            Assert.Equal(1, hessian[classes * features + c, classes * features + c], 1e-12);
        }
    }

    [Fact]
    public void The_gradient_agrees_with_finite_differences_of_the_loss()
    {
        using var problem = new TinyProblem(weightDecay: 0.05);
        var theta = problem.Theta;
        var gradient = problem.GradientAt(theta);
        for (var i = 0; i < theta.Length; i += 5)
        {
            var difference = (LossAt(problem, theta, i, 1e-5) - LossAt(problem, theta, i, -1e-5)) / 2e-5;
            Assert.Equal(difference, gradient[i], 1e-8);
        }
    }

    [Fact]
    public void Loss_is_the_mean_over_samples_as_written_down()
    {
        using var problem = new TinyProblem("squared-error", weightDecay: 0.2);
        using var scope = NewDisposeScope();
        var outputs = problem.Model.call(problem.Inputs).detach().data<double>().ToArray();
        var labels = problem.Labels.data<long>().ToArray();
        var sum = 0.0;
        var correct = 0;
        for (var s = 0; s < labels.Length; s++)
        {
            var row = outputs.AsSpan(s * 3, 3);
            for (var c = 0; c < 3; c++)
                sum += 0.5 * Math.Pow(row[c] - (labels[s] == c ? 1 : 0), 2);
            correct += row.IndexOf(Math.Max(row[0], Math.Max(row[1], row[2]))) == labels[s] ? 1 : 0;
        }
        var expected = sum / labels.Length + 0.1 * problem.Theta.Sum(t => t * t);
        var value = problem.Objective.Evaluate();
        Assert.Equal(expected, value.Loss, 1e-12);
        Assert.Equal((double)correct / labels.Length, value.Accuracy, 1e-12);
        Assert.Equal(Math.Sqrt(value.Gradient.data<double>().ToArray().Sum(g => g * g)), value.GradientNorm, 1e-12);
    }

    [Fact]
    public void Chunks_and_recomputation_change_nothing_but_rounding()
    {
        using var whole = new TinyProblem(weightDecay: 0.1);
        using var chunked = new TinyProblem(chunk: 5, weightDecay: 0.1);
        Assert.Equal(3, chunked.Objective.Chunks);
        var reference = whole.HessianByProducts(long.MaxValue);
        var cached = chunked.HessianByProducts(long.MaxValue);
        var recomputed = chunked.HessianByProducts(0);
        Assert.Equal(cached, recomputed);
        foreach (var (expected, actual) in reference.Cast<double>().Zip(cached.Cast<double>()))
            Assert.Equal(expected, actual, 1e-12);
    }

    /// <summary>
    /// The tree written down anew, on the host, from each chunk's own float32 gradient: halves, the larger on the left,
    /// in double.
    /// </summary>
    [Theory]
    [InlineData(12)]
    [InlineData(5)]
    [InlineData(2)]
    [InlineData(1)]
    public void Chunks_are_summed_by_a_fixed_tree_in_double_and_a_chunk_alone_stays_as_it_is(int chunk)
    {
        using var problem = new TinyProblem(dtype: ScalarType.Float32, chunk: chunk);
        using var unchanged = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        var objective = problem.Objective;
        var parts = Enumerable
            .Range(0, objective.Chunks)
            .Select(number =>
            {
                var (gradients, numbers) = objective.ChunkGradient(number, withGraph: false);
                return (
                    Gradient: objective.Layout.Flatten(gradients).data<float>().Select(one => (double)one).ToArray(),
                    Loss: numbers.data<double>()[0]
                );
            })
            .ToArray();
        double Tree(int first, int count, Func<int, double> of) =>
            count == 1 ? of(first) : Tree(first, (count + 1) / 2, of) + Tree(first + (count + 1) / 2, count / 2, of);

        var value = objective.Evaluate();

        Assert.Equal(
            Enumerable
                .Range(0, (int)objective.Layout.Dimension)
                .Select(i => (float)Tree(0, parts.Length, number => parts[number].Gradient[i])),
            value.Gradient.data<float>().ToArray()
        );
        Assert.Equal(Tree(0, parts.Length, number => parts[number].Loss), value.Loss);
        Assert.Equal(ScalarType.Float32, value.Gradient.dtype);
    }

    [Fact]
    public void The_cache_budget_decides_how_many_graphs_are_kept()
    {
        using var problem = new TinyProblem(samples: 4000, features: 50, widths: [200], chunk: 1000);
        using var scope = NewDisposeScope();
        using (var all = problem.Objective.Linearize(1L << 30))
            Assert.Equal(4, all.CachedChunks);
        using (var none = problem.Objective.Linearize(0))
            Assert.Equal(0, none.CachedChunks);
        using (var some = problem.Objective.Linearize(8L << 20))
            Assert.InRange(some.CachedChunks, 1, 3);
    }

    /// <summary>
    /// What cached graphs leave allocated stays within the budget and a tenth of it, whatever the budget is; the
    /// numbers are those of a full cache.
    /// </summary>
    [Theory]
    [InlineData(2L << 20)]
    [InlineData(6L << 20)]
    [InlineData(12L << 20)]
    public void The_cache_keeps_to_its_budget_and_its_numbers_do_not_depend_on_it(long budget)
    {
        Assert.SkipUnless(Gyre.Torch.NativeMemory.IsExact, "the allocator does not tell what it has handed out");
        using var problem = new TinyProblem(samples: 4000, features: 50, widths: [200], chunk: 250);
        using var scope = NewDisposeScope();
        var vector = ones(problem.Objective.Layout.Dimension, dtype: ScalarType.Float64);
        double[] expected;
        using (var all = problem.Objective.Linearize(long.MaxValue))
            expected = all.Product(vector).data<double>().ToArray();

        var (taken, kept) = (new long[3], new List<int>());
        foreach (ref var bytes in taken.AsSpan())
        {
            GC.Collect();
            GC.WaitForPendingFinalizers(); // what other tests left is freed now, and not while graphs are counted
            var before = Gyre.Torch.NativeMemory.AllocatedBytes();
            using var some = problem.Objective.Linearize(budget);
            bytes = Gyre.Torch.NativeMemory.AllocatedBytes() - before;
            kept.Add(some.CachedChunks);
            Assert.Equal(expected, some.Product(vector).data<double>().ToArray());
        }
        Assert.InRange(kept.Order().ElementAt(1), 1, 15);
        // the runtime's compiler and finalizers allocate and free beside it, now and then
        Assert.InRange(taken.Order().ElementAt(1), 0, 1.1 * budget);
    }

    [Fact]
    public void The_gradient_of_the_graph_is_the_gradient()
    {
        using var problem = new TinyProblem(dtype: ScalarType.Float32);
        using var scope = NewDisposeScope();
        var plain = problem.Objective.Evaluate();
        using var graph = problem.Objective.Linearize(1L << 30);
        Assert.Equal(plain.Loss, graph.Value.Loss);
        Assert.Equal(plain.Gradient.data<float>().ToArray(), graph.Value.Gradient.data<float>().ToArray());
    }

    [Fact]
    public void A_stochastic_model_is_refused_and_a_fixed_one_repeats_its_bytes()
    {
        using var problem = new TinyProblem(dtype: ScalarType.Float32);
        Assert.True(problem.Objective.SelfCheck());
        using var noisy = new DropoutModel();
        using var objective = new Objective(
            noisy,
            LossCatalog.Get("cross-entropy"),
            problem.Inputs,
            problem.Labels,
            100
        );
        var error = Assert.Throws<ObjectiveException>(() => objective.SelfCheck());
        Assert.Contains("dropout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_with_nan_is_refused_at_the_start()
    {
        using var problem = new TinyProblem();
        problem.Inputs[3, 1] = double.NaN;
        Assert.Throws<ObjectiveException>(() => problem.Objective.SelfCheck());
    }

    [Fact]
    public void Evaluating_and_measuring_leave_no_tensor_behind()
    {
        using var problem = new TinyProblem(chunk: 5);
        problem.HessianByProducts(long.MaxValue);
        var before = Tensor.TotalCount;
        using (NewDisposeScope())
        {
            problem.Objective.Evaluate();
            using var graph = problem.Objective.Linearize(1 << 20);
            graph.Product(graph.Value.Gradient);
        }
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static double FiniteDifferenceError(TinyProblem problem, double[] theta, double[,] hessian, double step)
    {
        var largest = 0.0;
        for (var i = 0; i < theta.Length; i += 3)
        {
            var (up, down) = ((double[])theta.Clone(), (double[])theta.Clone());
            up[i] += step;
            down[i] -= step;
            var (above, below) = (problem.GradientAt(up), problem.GradientAt(down));
            for (var j = 0; j < theta.Length; j++)
                largest = Math.Max(largest, Math.Abs((above[j] - below[j]) / (2 * step) - hessian[i, j]));
        }
        return largest;
    }

    [Theory]
    [InlineData("cross-entropy", 0.1)]
    [InlineData("squared-error", 0.0)]
    public void The_loss_alone_is_the_loss_beside_the_gradient_bit_for_bit(string loss, double weightDecay)
    {
        using var problem = new TinyProblem(loss, weightDecay: weightDecay);
        using var unchanged = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        Assert.Equal(problem.Objective.Evaluate().Loss, problem.Objective.Loss());
    }

    private static double LossAt(TinyProblem problem, double[] theta, int index, double step)
    {
        var moved = (double[])theta.Clone();
        moved[index] += step;
        problem.Theta = moved;
        using var scope = NewDisposeScope();
        var loss = problem.Objective.Evaluate().Loss;
        problem.Theta = theta;
        return loss;
    }

    private sealed class DropoutModel : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear _linear = nn.Linear(4, 3);

        public DropoutModel()
            : base(nameof(DropoutModel)) => RegisterComponents();

        public override Tensor forward(Tensor input) => nn.functional.dropout(_linear.call(input), 0.5, training: true);
    }
}
