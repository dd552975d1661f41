using Gyre.Lab.Monitoring;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gyre.Tests.Lab.Monitoring;

public sealed class CurvatureMonitorTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _inputs;
    private readonly Tensor _classes;

    public CurvatureMonitorTests()
    {
        Gyre.Torch.LibTorch.Load();
        using var generator = new Generator(3);
        _inputs = randn([30, 4], dtype: ScalarType.Float32, generator: generator);
        _classes = randint(3, [30], dtype: ScalarType.Int64, generator: generator);
    }

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Eigenvalues_are_those_of_the_dense_hessian_of_the_mean_loss()
    {
        using var problem = new TinyProblem();
        using var monitor = new CurvatureMonitor(
            problem.Model,
            (outputs, labels) => functional.cross_entropy(outputs, labels),
            problem.Inputs,
            problem.Labels,
            new() { Chunk = 5, Pairs = 3 }
        );

        var record = monitor.Observe(0, 0.1)!;

        var dense = DenseByDifferences(problem);
        var expected = Matrix<double>
            .Build.DenseOfArray(dense)
            .Evd(Symmetricity.Symmetric)
            .EigenValues.Select(value => value.Real)
            .OrderDescending()
            .Take(3);
        Assert.All(expected.Zip(record.Eigenvalues), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.Equal(20, record.Threshold);
    }

    [Fact]
    public void Gradients_buffers_modes_random_state_and_parameters_are_untouched()
    {
        using var module = Sequential(
            ("a", Linear(4, 6)),
            ("norm", BatchNorm1d(6)),
            ("drop", Dropout(0.5)),
            ("b", Linear(6, 3))
        );
        module.train();
        // a part set otherwise than the whole
        module.named_children().Single(child => child.name == "drop").module.eval();
        functional.cross_entropy(module.call(_inputs), _classes).backward();
        var before = StateOf(module);
        var random = get_rng_state().data<byte>().ToArray();
        foreach (var mode in new[] { MeasuringMode.AsItIs, MeasuringMode.Evaluation })
        {
            using var monitor = new CurvatureMonitor(
                module,
                (outputs, labels) => functional.cross_entropy(outputs, labels),
                _inputs,
                _classes,
                new() { Mode = mode }
            );
            Assert.NotNull(monitor.Observe(0, 0.1));
        }

        Assert.Equal(before, StateOf(module));
        Assert.Equal(random, get_rng_state().data<byte>().ToArray());
        Assert.Equal([true, true, true, false, true], module.modules().Prepend(module).Select(part => part.training));
    }

    [Fact]
    public void Training_with_a_monitor_ends_at_the_same_bits_as_training_without()
    {
        Assert.Equal(Trained(watched: false), Trained(watched: true));

        double[] Trained(bool watched)
        {
            using var problem = new TinyProblem(dtype: ScalarType.Float32);
            using var monitor = watched
                ? new CurvatureMonitor(
                    problem.Model,
                    (outputs, labels) => functional.cross_entropy(outputs, labels),
                    problem.Inputs,
                    problem.Labels,
                    new() { Every = 5 }
                )
                : null;
            using var optimizer = optim.SGD(problem.Model.parameters(), 0.3, momentum: 0.5);
            for (var step = 0; step < 12; step++)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                functional.cross_entropy(problem.Model.call(problem.Inputs), problem.Labels).backward();
                monitor?.Observe(step, 0.3); // with the gradient there, not yet used
                optimizer.step();
            }
            Assert.Equal(watched ? 8 : 0, monitor?.Records.Count ?? 0); // steps 0, 1, 2, 5, 6, 7, 10, 11
            return problem.Theta;
        }
    }

    [Fact]
    public void Events_come_where_sharpness_crosses_the_threshold_and_where_it_is_back()
    {
        // L = (xy − 1)²/2: a step size above the sharpness at the start, so that it begins with an instability that
        // gradient descent leaves.
        using var module = new Product();
        using var one = ones(1, 1, dtype: ScalarType.Float64);
        using var monitor = new CurvatureMonitor(
            module,
            (outputs, targets) => (outputs - targets).square().mean() * 0.5,
            one,
            one,
            new()
            {
                Every = 1,
                Burst = 1,
                Pairs = 1,
            }
        );
        var (crossed, resolved) = (new List<InstabilityEvent>(), new List<InstabilityEvent>());
        monitor.ThresholdCrossed += crossed.Add;
        monitor.InstabilityResolved += resolved.Add;
        for (var step = 0; step < 60; step++)
        {
            using var scope = NewDisposeScope();
            monitor.Observe(step, 0.25);
            module.Descend(0.25);
        }

        Assert.Equal(0, Assert.Single(crossed).Step);
        Assert.Equal(8, crossed[0].Threshold);
        var back = Assert.Single(resolved);
        var first = monitor.Records.First(record => record.Step > 0 && record.Sharpness <= 0.98 * 8);
        Assert.True(back.Step >= first.Step && back.Sharpness <= 0.98 * 8);
    }

    [Theory]
    [InlineData(0.97, true, new[] { 0, 5, 10 })]
    [InlineData(0.93, true, new[] { 0, 10 })]
    [InlineData(0.97, false, new[] { 0, 10 })]
    public void Near_the_threshold_a_burst_is_added_half_way_between_two_regular_ones(
        double ratio,
        bool follow,
        int[] measured
    )
    {
        using var problem = new TinyProblem();
        double sharpness;
        using (var once = Monitor(new()))
            sharpness = once.Observe(0, 0.1)!.Sharpness;
        using var monitor = Monitor(
            new()
            {
                Burst = 1,
                Follow = follow,
                Threshold = _ => sharpness / ratio,
            }
        );
        for (var step = 0; step <= 10; step++)
            monitor.Observe(step, 0.1);

        Assert.Equal(measured, monitor.Records.Select(record => (int)record.Step));
        Assert.Equal(
            measured.Select(step => step == 5 ? "edge" : null),
            monitor.Records.Select(record => record.Follow)
        );

        CurvatureMonitor Monitor(MonitorOptions options) =>
            new(
                problem.Model,
                (outputs, labels) => functional.cross_entropy(outputs, labels),
                problem.Inputs,
                problem.Labels,
                options
            );
    }

    [Fact]
    public void A_run_folder_is_one_that_the_program_reads_and_is_never_written_over()
    {
        using var temporary = new TemporaryFolder();
        var path = Path.Combine(temporary.Path, "watched");
        using var problem = new TinyProblem();
        var options = new MonitorOptions
        {
            Every = 4,
            Burst = 2,
            RunFolder = path,
        };
        using (
            var monitor = new CurvatureMonitor(
                problem.Model,
                (outputs, labels) => functional.cross_entropy(outputs, labels),
                problem.Inputs,
                problem.Labels,
                options
            )
        )
        {
            for (var step = 0; step < 10; step++)
                monitor.Observe(step, 0.1);
        }

        var run = RunReader.Open(path);
        Assert.Empty(run.Flaws());
        Assert.Equal([0, 1, 4, 5, 8, 9], run.ReadCurvature().Select(record => record.Step));
        Assert.Equal(6, run.ReadSummary()!.Measurements);
        Assert.Equal("own", Gyre.Lab.Specs.SpecReader.ReadText(run.ReadSpecText()).Model.Name);
        var refused = Assert.Throws<RunFolderException>(() =>
            new CurvatureMonitor(
                problem.Model,
                (outputs, labels) => functional.cross_entropy(outputs, labels),
                problem.Inputs,
                problem.Labels,
                options
            )
        );
        Assert.Contains("already contains a run", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_in_training_is_refused_with_the_cure()
    {
        using var module = Sequential(("a", Linear(4, 6)), ("drop", Dropout(0.5)), ("b", Linear(6, 3)));
        using var monitor = new CurvatureMonitor(
            module,
            (outputs, labels) => functional.cross_entropy(outputs, labels),
            _inputs,
            _classes
        );

        var refused = Assert.Throws<ObjectiveException>(() => monitor.Observe(0, 0.1));

        Assert.Contains("MeasuringMode.Evaluation", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_one_number_is_refused_with_the_cure()
    {
        using var module = Linear(4, 3);
        using var monitor = new CurvatureMonitor(
            module,
            (outputs, labels) => functional.cross_entropy(outputs, labels, reduction: Reduction.None),
            _inputs,
            _classes
        );

        Assert.Contains(
            "loss.mean()",
            Assert.Throws<ObjectiveException>(() => monitor.Observe(0, 0.1)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Steps_must_rise_and_options_be_in_range()
    {
        using var problem = new TinyProblem();
        using var monitor = new CurvatureMonitor(
            problem.Model,
            (outputs, labels) => functional.cross_entropy(outputs, labels),
            problem.Inputs,
            problem.Labels
        );
        monitor.Observe(3, 0.1);

        Assert.Throws<ArgumentOutOfRangeException>(() => monitor.Observe(3, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => monitor.Observe(4, 0));
        var wrong = Assert.Throws<Gyre.Lab.Specs.SpecException>(() =>
            new CurvatureMonitor(
                problem.Model,
                (outputs, labels) => functional.cross_entropy(outputs, labels),
                problem.Inputs,
                problem.Labels,
                new() { Pairs = 0, Burst = 0 }
            )
        );
        Assert.Equal(2, wrong.Mistakes.Count);
    }

    [Fact]
    public void A_measurement_inside_no_grad_works_and_nothing_is_left_behind()
    {
        using var problem = new TinyProblem();
        using var none = no_grad();
        using var unchanged = LiveTensors.AssertUnchanged();
        using var monitor = new CurvatureMonitor(
            problem.Model,
            (outputs, labels) => functional.cross_entropy(outputs, labels),
            problem.Inputs,
            problem.Labels
        );
        for (var step = 0; step < 3; step++)
            Assert.NotNull(monitor.Measure(step, 0.1));
    }

    private static double[][] StateOf(Module module) =>
        [
            .. module
                .parameters()
                .Concat(module.buffers())
                .Concat(module.parameters().Select(parameter => parameter.grad!))
                .Select(value => value.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray()),
        ];

    /// <summary>Central differences of the gradient, in float64: independent of every product.</summary>
    private static double[,] DenseByDifferences(TinyProblem problem)
    {
        const double step = 1e-5;
        var theta = problem.Theta;
        var dense = new double[theta.Length, theta.Length];
        for (var i = 0; i < theta.Length; i++)
        {
            var (up, down) = ((double[])theta.Clone(), (double[])theta.Clone());
            (up[i], down[i]) = (theta[i] + step, theta[i] - step);
            var (above, below) = (problem.GradientAt(up), problem.GradientAt(down));
            for (var j = 0; j < theta.Length; j++)
                dense[i, j] = (above[j] - below[j]) / (2 * step);
        }
        return dense;
    }

    /// <summary>f(x) = x·a·b from (a, b) = (3, 0.3).</summary>
    private sealed class Product : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter _a = new(tensor(3.0));
        private readonly TorchSharp.Modules.Parameter _b = new(tensor(0.3));

        public Product()
            : base(nameof(Product))
        {
            register_parameter("a", _a);
            register_parameter("b", _b);
        }

        public override Tensor forward(Tensor input) => input * _a * _b;

        public void Descend(double rate)
        {
            var (a, b) = (_a.item<double>(), _b.item<double>());
            using var none = no_grad();
            _a.copy_(tensor(a - rate * (a * b - 1) * b));
            _b.copy_(tensor(b - rate * (a * b - 1) * a));
        }
    }
}
