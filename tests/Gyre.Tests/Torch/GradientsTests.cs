using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

public class GradientsTests
{
    private static readonly string[] Names = ["w", "b"];

    [Fact]
    public void The_gradient_of_a_quadratic_is_A_theta()
    {
        using var scope = NewDisposeScope();
        var (a, theta) = Quadratic(seed: 1);
        var gradient = Gradients.Gradient(theta.dot(a.mv(theta)) * 0.5, [theta]);
        Assert.True(Assert.Single(gradient).allclose(a.mv(theta).detach(), 1e-13, 1e-13));
        Assert.False(gradient[0].requires_grad);
    }

    [Fact]
    public void Every_column_of_the_Hessian_of_a_quadratic_is_a_column_of_A()
    {
        using var scope = NewDisposeScope();
        var (a, theta) = Quadratic(seed: 2);
        var gradient = Gradients.GradientWithGraph(theta.dot(a.mv(theta)) * 0.5, [theta]);
        var columns = eye(6, dtype: float64).unbind(0);
        var hessian = stack([.. columns.Select(e => Gradients.Product(gradient, [theta], [e])[0])], 1);
        Assert.True(hessian.allclose(a, 1e-13, 1e-13));
        Assert.False(hessian.requires_grad);
    }

    [Theory]
    [InlineData(0.3, -1.2, 0.7)]
    [InlineData(2.0, 0.5, -1.0)]
    public void The_product_of_the_two_parameter_network_is_the_closed_form(double x, double y, double v)
    {
        using var scope = NewDisposeScope();
        var (p, q) = (tensor(x, float64, requires_grad: true), tensor(y, float64, requires_grad: true));
        var gradient = Gradients.GradientWithGraph(0.5 * (p * q - 1).square(), [p, q]);
        var product = Gradients.Product(gradient, [p, q], [tensor(v, float64), tensor(1.0, float64)]);
        Assert.Equal(y * (x * y - 1), gradient[0].item<double>(), 1e-14);
        Assert.Equal(y * y * v + 2 * x * y - 1, product[0].item<double>(), 1e-13);
        Assert.Equal((2 * x * y - 1) * v + x * x, product[1].item<double>(), 1e-13);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Both_guarded_routes_give_the_same_bits_call_after_call(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var (loss, parameters) = Network(dtype, seed: 3);
        var (plain, expected, vectors) = BackwardRoute(loss(), parameters, seed: 4);
        // More calls than the script's executor profiles before it specialises.
        for (var call = 0; call < 6; call++)
        {
            AssertSame(plain, Gradients.Gradient(loss(), parameters));
            var gradient = Gradients.GradientWithGraph(loss(), parameters);
            AssertSame(plain, gradient);
            AssertSame(expected, Gradients.Product(gradient, parameters, vectors));
        }
    }

    [Fact]
    public void The_Hessian_of_a_network_is_symmetric_and_agrees_with_differences_of_gradients()
    {
        using var scope = NewDisposeScope();
        var (loss, parameters) = Network(float64, seed: 5);
        var layout = new ParameterLayout(["w1", "b1", "w2", "b2"], parameters);
        var (u, v) = (Random(6, layout.Dimension), Random(7, layout.Dimension));
        var gradient = Gradients.GradientWithGraph(loss(), parameters);
        var hu = layout.Flatten(Gradients.Product(gradient, parameters, layout.Split(u)));
        var hv = layout.Flatten(Gradients.Product(gradient, parameters, layout.Split(v)));
        Assert.Equal(v.dot(hu).item<double>(), u.dot(hv).item<double>(), 1e-13);

        var theta = layout.Flatten(parameters);
        Tensor At(double t)
        {
            layout.CopyTo(theta + u * t, parameters);
            return layout.Flatten(Gradients.Gradient(loss(), parameters));
        }
        var differences = (At(1e-5) - At(-1e-5)) / 2e-5;
        Assert.True((differences - hu).norm().item<double>() < 1e-8 * hu.norm().item<double>());
    }

    [Fact]
    public void A_parameter_that_the_loss_does_not_use_has_gradient_and_product_zero()
    {
        using var scope = NewDisposeScope();
        var used = ones(3, float64, requires_grad: true);
        var unused = ones([2, 2], float32, requires_grad: true);
        Assert.Equal(6.0, Gradients.Gradient(used.pow(2).sum(), [used, unused])[0].sum().item<double>());
        var gradient = Gradients.GradientWithGraph(used.pow(2).sum(), [used, unused]);
        var product = Gradients.Product(gradient, [used, unused], [ones(3, float64), ones([2, 2], float32)]);
        Assert.True(product[0].Equals(full([3], 2.0, float64)));
        foreach (var zero in new[] { gradient[1], product[1], Gradients.Gradient(used.sum(), [unused])[0] })
            Assert.True(zero.Equals(zeros([2, 2], float32)));
    }

    [Fact]
    public void A_linear_loss_has_product_zero()
    {
        using var scope = NewDisposeScope();
        var theta = ones(3, requires_grad: true);
        var gradient = Gradients.GradientWithGraph((theta * 2).sum(), [theta]);
        Assert.False(gradient[0].requires_grad);
        Assert.True(Gradients.Product(gradient, [theta], [ones(3)])[0].Equals(zeros(3)));
    }

    [Fact]
    public void Where_one_gradient_of_two_is_constant_the_product_is_that_of_the_other()
    {
        using var scope = NewDisposeScope();
        var (p, q) = (ones(3, float64, requires_grad: true), ones(2, float64, requires_grad: true));
        var gradient = Gradients.GradientWithGraph(p.pow(3).sum() + q.sum(), [p, q]);
        var product = Gradients.Product(gradient, [p, q], [full([3], 5.0, float64), ones(2, float64)]);
        Assert.True(product[0].Equals(full([3], 30.0, float64)));
        Assert.True(product[1].Equals(zeros(2, float64)));
    }

    [Fact]
    public void What_the_user_keeps_in_grad_is_neither_read_nor_written()
    {
        using var scope = NewDisposeScope();
        var (loss, parameters) = Network(float32, seed: 8);
        loss().backward();
        var before = parameters.Select(p => p.grad!.clone()).ToArray();
        var gradient = Gradients.GradientWithGraph(loss(), parameters);
        Gradients.Product(gradient, parameters, [.. parameters.Select(p => ones_like(p))]);
        Gradients.Gradient(loss(), parameters);
        AssertSame(before, [.. parameters.Select(p => p.grad!)]);
    }

    [Fact]
    public void A_no_grad_scope_around_the_call_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var (loss, parameters) = Network(float64, seed: 9);
        var value = loss();
        using var quiet = no_grad();
        var gradient = Gradients.GradientWithGraph(value, parameters);
        Assert.All(gradient, g => Assert.True(g.requires_grad));
        Assert.All(Gradients.Product(gradient, parameters, parameters), h => Assert.False(h.requires_grad));
    }

    [Fact]
    public void Only_what_is_returned_stays_alive()
    {
        using var outer = NewDisposeScope();
        var (loss, parameters) = Network(float32, seed: 10);
        var vectors = parameters.Select(p => ones_like(p)).ToArray();
        using var value = loss().DetachFromDisposeScope();
        Gradients.Gradient(loss(), parameters);
        var before = Tensor.TotalCount;
        var gradient = Gradients.GradientWithGraph(value, parameters);
        var product = Gradients.Product(gradient, parameters, vectors);
        Assert.Equal(before + 2 * parameters.Length, Tensor.TotalCount);
        Assert.All(gradient.Concat(product), t => t.Dispose());
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Thousands_of_products_leave_no_tensor_and_no_memory_behind()
    {
        using var check = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        var (loss, parameters) = Network(float32, seed: 11);
        var unused = ones(1000, requires_grad: true);
        Tensor[] inputs = [.. parameters, unused];
        var vectors = inputs.Select(p => ones_like(p)).ToArray();
        // What waits for its finalizer is no leak; how often the collector runs by itself depends on the processor's cache.
        static long Allocated()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return NativeMemory.AllocatedBytes();
        }
        long Growth(int steps)
        {
            var before = Allocated();
            for (var i = 0; i < steps; i++)
            {
                using var step = NewDisposeScope();
                Gradients.Product(Gradients.GradientWithGraph(loss(), inputs), inputs, vectors);
            }
            return Allocated() - before;
        }
        // The runtime compiles hot methods for a while, in the same heap; a leak shows in every window, also in the
        // quietest.
        var quietest = Enumerable.Range(0, 8).Min(_ => Math.Max(0, Growth(500)));
        if (NativeMemory.IsExact)
            Assert.InRange(quietest, 0, 8_000); // one leaked allocation a step would be 500 times 16 bytes at least
    }

    [Fact]
    public void Mistakes_of_shape_dtype_and_number_name_the_parameter()
    {
        using var scope = NewDisposeScope();
        var (w, b) = (ones([2, 3], requires_grad: true), ones(2, requires_grad: true));
        var gradient = Gradients.GradientWithGraph(w.pow(2).sum() + b.pow(2).sum(), [w, b], Names);
        var shape = Assert.Throws<ArgumentException>(() =>
            Gradients.Product(gradient, [w, b], [ones([2, 3]), ones(3)], Names)
        );
        Assert.Contains("parameter \"b\": shape [3] instead of [2]", shape.Message, StringComparison.Ordinal);
        var dtype = Assert.Throws<ArgumentException>(() =>
            Gradients.Product(gradient, [w, b], [ones([2, 3], float64), ones(2)], Names)
        );
        Assert.Contains("parameter \"w\": dtype Float64 instead of Float32", dtype.Message, StringComparison.Ordinal);
        var number = Assert.Throws<ArgumentException>(() => Gradients.Product(gradient, [w, b], [ones([2, 3])], Names));
        Assert.Contains("1 vectors for 2 parameters", number.Message, StringComparison.Ordinal);
        var loss = Assert.Throws<ArgumentException>(() => Gradients.Gradient(w, [w]));
        Assert.Contains("shape [2, 3]", loss.Message, StringComparison.Ordinal);
        var frozen = Assert.Throws<GradientException>(() => Gradients.Gradient(w.sum(), [w, ones(2)], Names));
        Assert.Contains("\"b\" does not require a gradient", frozen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_without_a_graph_is_refused()
    {
        using var scope = NewDisposeScope();
        var theta = ones(3, requires_grad: true);
        using (no_grad())
        {
            var loss = theta.sum();
            Assert.Contains(
                "does not depend on any parameter",
                Assert.Throws<GradientException>(() => Gradients.Gradient(loss, [theta])).Message,
                StringComparison.Ordinal
            );
        }
    }

    internal static (Func<Tensor> Loss, Tensor[] Parameters) Network(ScalarType dtype, int seed)
    {
        var (x, y) = (Random(seed, 12, 5).to(dtype), Random(seed + 1, 12, 3).to(dtype));
        Tensor[] parameters =
        [
            .. new long[][] { [7, 5], [7], [3, 7], [3] }.Select(
                (s, i) => Random(seed + 2 + i, s).to(dtype).requires_grad_()
            ),
        ];
        Tensor Loss()
        {
            var hidden = nn.functional.linear(x, parameters[0], parameters[1]).tanh();
            return (nn.functional.linear(hidden, parameters[2], parameters[3]) - y).square().mean();
        }
        return (Loss, parameters);
    }

    internal static Tensor Random(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, dtype: float64, generator: generator);
    }

    private static (Tensor A, Tensor Theta) Quadratic(int seed)
    {
        var a = Random(seed, 6, 6);
        return (a + a.t(), Random(seed + 100, 6).requires_grad_());
    }

    /// <summary>The other guarded route, as truth: backward, then read and clear .grad.</summary>
    private static (Tensor[] Gradient, Tensor[] Product, Tensor[] Vectors) BackwardRoute(
        Tensor loss,
        Tensor[] parameters,
        int seed
    )
    {
        var graph = Gradients.GradientWithGraph(loss, parameters);
        autograd.backward([loss], [ones_like(loss)], true, false, parameters);
        var gradient = TakeGrads(parameters);
        Tensor[] vectors = [.. parameters.Select((p, i) => Random(seed + i, p.shape).to(p.dtype))];
        autograd.backward(graph, vectors, true, false, parameters);
        return (gradient, TakeGrads(parameters), vectors);
    }

    private static Tensor[] TakeGrads(Tensor[] parameters) =>
        Array.ConvertAll(
            parameters,
            p =>
            {
                var gradient = p.grad!.alias();
                p.grad = null;
                return gradient;
            }
        );

    private static void AssertSame(Tensor[] expected, Tensor[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(expected[i].Equals(actual[i]));
    }
}
