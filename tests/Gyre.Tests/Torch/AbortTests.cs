using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

/// <summary>
/// Each case ends the process when TorchSharp's own call is used; through this room it is an exception that says what
/// is wrong.
/// </summary>
public class AbortTests
{
    [Fact]
    public void A_second_gradient_through_a_freed_graph_is_an_exception()
    {
        using var scope = NewDisposeScope();
        var theta = ones(3, requires_grad: true);
        var loss = theta.exp().sum();
        Gradients.Gradient(loss, [theta]);
        AssertSays("gradient cannot be computed", "second time", () => Gradients.Gradient(loss, [theta]));
    }

    [Fact]
    public void A_product_through_a_freed_graph_is_an_exception()
    {
        using var scope = NewDisposeScope();
        var theta = ones(3, requires_grad: true);
        var gradient = Gradients.GradientWithGraph(theta.exp().sum(), [theta]);
        Gradients.Gradient(gradient[0].sum(), [theta]);
        AssertSays("product of the Hessian", "second time", () => Gradients.Product(gradient, [theta], [ones(3)]));
    }

    [Fact]
    public void An_in_place_conflict_is_an_exception_that_names_the_operation()
    {
        using var scope = NewDisposeScope();
        var theta = ones(3, requires_grad: true);
        var y = theta.exp();
        var loss = y.sum();
        y.add_(1);
        AssertSays("gradient cannot be computed", "ExpBackward0", () => Gradients.Gradient(loss, [theta]));
    }

    [Fact]
    public void A_missing_formula_is_an_exception_that_names_operation_and_parameter()
    {
        using var scope = NewDisposeScope();
        var (a, x) = (ones(3, requires_grad: true), ones(3, requires_grad: true));
        var loss = special.gammainc(a, x).sum();
        var error = AssertSays(
            "gradient with graph",
            "igamma",
            () => Gradients.GradientWithGraph(loss, [a, x], ["shape", "point"])
        );
        Assert.Contains("parameter \"shape\"", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\"point\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(3 * Math.Exp(-1), Gradients.Gradient(loss, [x])[0].sum().item<float>(), 1e-5);
    }

    [Fact]
    public void A_missing_second_derivative_is_an_exception_that_names_the_operation()
    {
        using var scope = NewDisposeScope();
        backends.cuda.enable_flash_sdp(true);
        try
        {
            var q = GradientsTests.Random(1, 1, 2, 4, 8).requires_grad_();
            var loss = nn.functional.scaled_dot_product_attention(q, q, q).square().sum();
            AssertSays(
                "cannot be computed",
                "flash_attention",
                () => Gradients.Product(Gradients.GradientWithGraph(loss, [q]), [q], [ones_like(q)])
            );
        }
        finally
        {
            backends.cuda.enable_flash_sdp(false);
        }
    }

    [Fact]
    public void With_the_flash_kernel_off_as_the_loader_leaves_it_attention_has_second_derivatives()
    {
        using var scope = NewDisposeScope();
        LibTorch.Load();
        Assert.False(backends.cuda.flash_sdp_enabled());
        var q = GradientsTests.Random(2, 1, 2, 4, 8).requires_grad_();
        var gradient = Gradients.GradientWithGraph(
            nn.functional.scaled_dot_product_attention(q, q, q).square().sum(),
            [q]
        );
        Assert.True(Gradients.Product(gradient, [q], [ones_like(q)])[0].abs().sum().item<double>() > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(1025)]
    public void A_senseless_thread_count_is_refused_before_libtorch_sees_it(int threads)
    {
        var before = LibTorch.Threads;
        Assert.Throws<ArgumentOutOfRangeException>(() => LibTorch.SetThreads(threads));
        Assert.Equal(before, LibTorch.Threads);
    }

    [Fact]
    public void The_thread_count_is_what_was_set()
    {
        var before = LibTorch.Threads;
        try
        {
            LibTorch.SetThreads(1);
            Assert.Equal(1, LibTorch.Threads);
        }
        finally
        {
            LibTorch.SetThreads(before);
        }
    }

    private static GradientException AssertSays(string operation, string reason, Action action)
    {
        var error = Assert.Throws<GradientException>(action);
        Assert.Contains(operation, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Traceback", error.Message, StringComparison.Ordinal);
        return error;
    }
}
