using System.Runtime.InteropServices;
using Gyre.Spectral;
using Gyre.Tests.Engine;
using static TorchSharp.torch;

#pragma warning disable RS0030 // the banned calls are what is shown here

namespace Gyre.Tests.Torch;

/// <summary>
/// What TorchSharp's own calls do where this room throws: they end the process. Should one of these fail some day, a
/// guard can go.
/// </summary>
public class RawAborts
{
    [Theory]
    [InlineData("unused parameter")]
    [InlineData("freed graph")]
    [InlineData("in-place conflict")]
    [InlineData("missing formula")]
    [InlineData("no threads")]
    [InlineData("matmul of wrong shapes")]
    public void The_unguarded_call_ends_the_process(string request)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Exit codes of aborted processes are looked at on Linux only.");
        var outcome = ChildProcess.Run(
            typeof(RawAborts),
            nameof(Unguarded_calls_are_right_where_nothing_is_wrong),
            new Dictionary<string, string?> { [ChildProcess.Request] = request }
        );
        Assert.True(outcome.ExitCode == 128 + 6, $"{request}: exit {outcome.ExitCode}\n{outcome.Text}"); // SIGABRT
    }

    [Fact]
    public void Products_of_wrong_shapes_other_than_matmul_are_exceptions()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Throws<ExternalException>(() => ones(2, 3).mv(ones(2)));
        Assert.Throws<ExternalException>(() => ones(1, 2, 3).bmm(ones(1, 2, 3)));
        Assert.Throws<ExternalException>(() => nn.functional.linear(ones(2, 3), ones(2, 2)));
        var operatorOfThree = new DenseOperator(eye(3)); // the one matrix product that takes what a user gives
        Assert.Throws<ExternalException>(() => operatorOfThree.Apply(ones(2)));
        Assert.Throws<ExternalException>(() => operatorOfThree.Apply(ones(2, 3)));
    }

    /// <summary>
    /// In the parent's run nothing is asked for, and the unguarded call is right; in a child it is given what it cannot
    /// take.
    /// </summary>
    [Fact]
    public void Unguarded_calls_are_right_where_nothing_is_wrong()
    {
        using var scope = NewDisposeScope();
        var theta = ones(3, requires_grad: true);
        var unused = ones(3, requires_grad: true);
        var hidden = theta.exp();
        var loss = hidden.sum();
        Assert.True(autograd.grad([hidden.sum()], [theta], retain_graph: true)[0].Equals(hidden.detach()));
        switch (Environment.GetEnvironmentVariable(ChildProcess.Request))
        {
            case "unused parameter":
                autograd.grad([loss], [theta, unused]);
                break;
            case "freed graph":
                autograd.grad([loss], [theta]);
                autograd.grad([loss], [theta]);
                break;
            case "in-place conflict":
                hidden.add_(1);
                autograd.grad([loss], [theta]);
                break;
            case "missing formula":
                autograd.grad([special.gammainc(theta, unused).sum()], [theta]);
                break;
            case "no threads":
                set_num_threads(0);
                break;
            case "matmul of wrong shapes":
                ones(2, 3).matmul(ones(2, 3)); // mm, mv, bmm and linear throw
                break;
        }
    }
}
