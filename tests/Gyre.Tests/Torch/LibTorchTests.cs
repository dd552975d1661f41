using Gyre.Torch;

namespace Gyre.Tests.Torch;

public class LibTorchTests
{
    [Fact]
    public void Loads_once_and_says_what_it_found()
    {
        var info = LibTorch.Load();
        Assert.StartsWith("2.10.", info.Version, StringComparison.Ordinal);
        Assert.Same(info, LibTorch.Load());
    }
}
