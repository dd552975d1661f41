using Gyre.Tests.TestKit;
using TorchSharp;
using Xunit.Sdk;

namespace Gyre.Tests.Torch;

public class LiveTensorsTests
{
    [Fact]
    public void A_block_that_disposes_what_it_makes_passes()
    {
        using var check = LiveTensors.AssertUnchanged();
        using var scope = torch.NewDisposeScope();
        torch.ones(3).add(torch.ones(3)).sum();
    }

    [Fact]
    public void A_block_that_leaks_one_tensor_fails_and_says_so()
    {
        torch.Tensor? leaked = null;
        var check = LiveTensors.AssertUnchanged();
        leaked = torch.ones(3);
        var failure = Assert.ThrowsAny<XunitException>(check.Dispose);
        Assert.Contains("+1 live tensors", failure.Message, StringComparison.Ordinal);
        leaked.Dispose();
    }

    [Fact]
    public void A_block_that_disposes_somebody_elses_tensor_fails()
    {
        var foreign = torch.ones(3);
        var check = LiveTensors.AssertUnchanged();
        foreign.Dispose();
        var failure = Assert.ThrowsAny<XunitException>(check.Dispose);
        Assert.Contains("-1 live tensors", failure.Message, StringComparison.Ordinal);
    }
}
