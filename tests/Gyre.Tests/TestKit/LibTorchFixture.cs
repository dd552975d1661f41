using Gyre.Torch;
using Gyre.Tests.TestKit;

[assembly: AssemblyFixture(typeof(LibTorchFixture))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Gyre.Tests.TestKit;

/// <summary>libtorch is loaded before any test touches it; tests run one after another because they share its threads and counters.</summary>
public sealed class LibTorchFixture
{
    public LibTorchFixture() => LibTorch.Load();
}
