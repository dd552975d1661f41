using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>
/// Graphs that write into tensors, and parts without gradients: values and gradients are right, and a call leaves inputs
/// and buffers as they were.
/// </summary>
public sealed class WritingGraphTests : IDisposable
{
    private readonly ProgramFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ProgramBuilder _program = new();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Writes_between_keep_gradients_right()
    {
        var weight = _program.Parameter("weight", Vector(0.5f, -2));
        var x = Input();
        var product = _program.Call("mul.Tensor", ("self", x), ("other", weight));
        var more = _program.Call("add_.Tensor", ("self", product), ("other", 1.0));
        var raised = _program.Call("exp_", ("self", more));
        _program.Output(_program.Call("mul.Tensor", ("self", raised), ("other", product)));
        using var module = _folder.Load(_program);
        // the product is the same memory, so that both factors are e^(wx + 1)
        var w = module.Tensors.Single().Value;
        var samples = tensor((double[])[1, 0.3], ScalarType.Float64, CPU).reshape(1, 2);
        var own = w.detach().clone().requires_grad_();
        var truth = samples.mul(own).add(1).exp().square();
        Near(truth, module.Call(samples));
        var gradient = Gradients.GradientWithGraph(module.Call(samples).sum(), [w]);
        var expected = Gradients.GradientWithGraph(truth.sum(), [own]);
        Near(expected[0], gradient[0]);
        var along = ones_like(own);
        Near(Gradients.Product(expected, [own], [along])[0], Gradients.Product(gradient, [w], [along])[0]);
    }

    [Fact]
    public void What_leaves_a_part_without_gradients_as_a_view_is_written_into_a_copy()
    {
        var buffer = _program.Buffer("buffer", Vector(5, 6));
        var weight = _program.Parameter("weight", Vector(1, 1));
        var x = Input();
        var inner = new ProgramBuilder();
        inner.Output(inner.Call("alias", ("self", inner.Input("inside", ScalarType.Float64, 2))));
        var viewed = _program.Call(
            "torch.ops.higher_order.wrap_with_set_grad_enabled",
            ("", true),
            ("", ProgramValue.Graph("inner", inner)),
            ("", buffer)
        );
        var written = _program.Call("add_.Tensor", ("self", viewed), ("other", 1.0));
        _program.Output(
            _program.Call(
                "mul.Tensor",
                ("self", _program.Call("mul.Tensor", ("self", x), ("other", weight))),
                ("other", written)
            )
        );
        using var module = _folder.Load(_program);
        var samples = tensor((double[])[1, 1], ScalarType.Float64, CPU).reshape(1, 2);
        Near(tensor((double[])[6, 7], ScalarType.Float64, CPU).reshape(1, 2), module.Call(samples));
        Near(tensor((double[])[6, 7], ScalarType.Float64, CPU).reshape(1, 2), module.Call(samples));
    }

    [Theory]
    [InlineData("")]
    [InlineData("alias")]
    [InlineData("detach")]
    [InlineData("positive")]
    [InlineData("select.int")]
    [InlineData("slice.Tensor")]
    [InlineData("view")]
    [InlineData("expand")]
    [InlineData("broadcast_to")]
    public void What_the_user_and_the_module_gave_is_left_as_it_was(string view)
    {
        var buffer = _program.Buffer("buffer", Vector(5, 6));
        var x = Input();
        foreach (var one in (ProgramName[])[x, buffer])
            _program.Call("add_.Tensor", ("self", View(one, view)), ("other", 1.0));
        _program.Output(_program.Call("add.Tensor", ("self", x), ("other", buffer)));
        using var module = _folder.Load(_program);
        var samples = tensor((double[])[1, 2], ScalarType.Float64, CPU).reshape(1, 2);
        var first = Host.Numbers(module.Call(samples));
        Assert.Equal(first, Host.Numbers(module.Call(samples)));
        Assert.Equal([1, 2], Host.Numbers(samples));
        Assert.Equal([5, 6], Host.Numbers(module.Tensors.Single().Value));
        Assert.NotEqual([6, 8], first); // the writes are seen by what comes after
    }

    [Fact]
    public void A_graph_that_writes_into_its_parameter_is_refused()
    {
        var weight = _program.Parameter("layer.weight", Vector(1, 2));
        Input();
        var row = _program.Call("view", ("self", weight), ("size", (long[])[1, 2]));
        _program.Output(_program.Call("mul_.Scalar", ("self", row), ("other", 0.9)));
        var message = _folder.Refusal(_program);
        Assert.Contains("writes into its own parameter layer.weight", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Training")]
    [InlineData("Decomposed")]
    public void Statistics_of_a_norm_are_not_carried_over(string form)
    {
        var request = Lab.Models.NetworkProblem.Request("cnn") with { Norm = "batch" };
        using var network = Gyre.Lab.Models.ModelCatalog.Build("cnn", request);
        var opened = _folder.Open(NetworkProgram.Build("cnn", request, network, Enum.Parse<ProgramForm>(form)));
        Assert.Equal(
            new[] { "norm0", "norm1" }
                .SelectMany(norm =>
                    new[] { "running_mean", "running_var", "num_batches_tracked" }.Select(one => $"{norm}.{one}")
                )
                .Order(),
            opened.ChangedBuffers.Order()
        );
        Assert.Contains(
            opened.FindRemarks(ScalarType.Float64),
            one => one.Contains("not carried over", StringComparison.Ordinal)
        );
        using var module = opened.Load(ScalarType.Float64, CPU);
        using var generator = new Generator(1);
        var samples = randn([4, 8, 8], ScalarType.Float64, CPU, generator: generator).add(3);
        var first = module.Call(samples);
        Assert.True(first.Equals(module.Call(samples)));
        foreach (var one in module.Tensors.Where(one => one.Kind == InputKind.Buffer))
        {
            var begun = one.Name.EndsWith("running_var", StringComparison.Ordinal) ? 1.0 : 0;
            Assert.All(Host.Numbers(one.Value), number => Assert.Equal(begun, number));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_part_without_gradients_is_computed_and_passes_none(bool enabled)
    {
        var weight = _program.Parameter("weight", Vector(2, 3));
        var x = Input();
        var inner = new ProgramBuilder();
        var (left, right) = (inner.Input("a", ScalarType.Float32, null, 2), inner.Input("b", ScalarType.Float32, 2));
        inner.Output(inner.Call("mul.Tensor", ("self", left), ("other", right)));
        var part = _program.CallList(
            "torch.ops.higher_order.wrap_with_set_grad_enabled",
            1,
            ("", enabled),
            ("", ProgramValue.Graph("submod_1", inner)),
            ("", x),
            ("", weight)
        );
        _program.Output(_program.Call("add.Tensor", ("self", part[0]), ("other", weight)));
        using var module = _folder.Load(_program);
        var w = module.Tensors.Single().Value;
        var samples = tensor((double[])[10, 20], ScalarType.Float64, CPU).reshape(1, 2);
        Assert.Equal([22, 63], Host.Numbers(module.Call(samples)));
        var gradient = Host.Numbers(Gradients.Gradient(module.Call(samples).sum(), [w])[0]);
        Assert.Equal(enabled ? [11, 21] : [1, 1], gradient);
    }

    [Fact]
    public void A_part_under_autocast_is_computed_in_the_type_of_the_run_and_that_is_said()
    {
        var weight = _program.Parameter("weight", Vector(2, 3));
        var x = Input();
        var inner = new ProgramBuilder();
        var (left, right) = (inner.Input("a", ScalarType.Float32, null, 2), inner.Input("b", ScalarType.Float32, 2));
        inner.Output(inner.Call("mul.Tensor", ("self", left), ("other", right)));
        var part = _program.CallList(
            "torch.ops.higher_order.wrap_with_autocast",
            1,
            ("", "cpu"),
            ("", ProgramValue.Dtype(ScalarType.BFloat16)),
            ("", true),
            ("", false),
            ("", ProgramValue.Graph("submod_1", inner)),
            ("", x),
            ("", weight)
        );
        _program.Output(part[0]);
        var opened = _folder.Open(_program);
        Assert.Contains(
            opened.FindRemarks(ScalarType.Float64),
            remark => remark.Contains("autocast is computed in Float64", StringComparison.Ordinal)
        );
        using var module = opened.Load(ScalarType.Float64, CPU);
        var samples = tensor((double[])[1.0 / 3, 1], ScalarType.Float64, CPU).reshape(1, 2);
        Assert.Equal([2.0 / 3, 3], Host.Numbers(module.Call(samples)));
    }

    [Fact]
    public void A_write_inside_a_part_without_gradients_leaves_the_buffer_as_it_was()
    {
        var buffer = _program.Buffer("count", Vector(7, 7));
        var x = Input();
        var inner = new ProgramBuilder();
        var own = inner.Input("a", ScalarType.Float32, 2);
        inner.Output(inner.Call("add_.Tensor", ("self", own), ("other", 1)));
        _program.CallList(
            "torch.ops.higher_order.wrap_with_set_grad_enabled",
            1,
            ("", false),
            ("", ProgramValue.Graph("submod_1", inner)),
            ("", buffer)
        );
        _program.Output(_program.Call("add.Tensor", ("self", x), ("other", buffer)));
        var opened = _folder.Open(_program);
        Assert.Equal(["count"], opened.ChangedBuffers);
        using var module = opened.Load(ScalarType.Float64, CPU);
        Assert.Equal([8, 8], Host.Numbers(module.Call(zeros([1, 2], ScalarType.Float64, CPU))));
        Assert.Equal([7, 7], Host.Numbers(module.Tensors.Single().Value));
    }

    private ProgramName Input() => _program.Input("x", ScalarType.Float32, null, 2);

    private ProgramName View(ProgramName of, string view) =>
        view switch
        {
            "" => of,
            "select.int" => _program.Call(view, ("self", of), ("dim", 0L), ("index", 0L)),
            "slice.Tensor" => _program.Call(view, ("self", of), ("dim", 0L), ("start", 0L), ("end", 1L)),
            "view" => _program.Call(view, ("self", of), ("size", (long[])[-1])),
            "expand" or "broadcast_to" => _program.Call(view, ("self", of), ("size", (long[])[1, 2])),
            _ => _program.Call(view, ("self", of)),
        };

    private static SavedTensor Vector(params float[] numbers) => new(new SavedStorage(numbers), [numbers.Length], [1]);

    private static void Near(Tensor expected, Tensor actual) =>
        Assert.InRange(Host.Number(expected.sub(actual).norm()), 0, 1e-12 * Host.Number(expected.norm()));
}
