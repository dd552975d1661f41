using Gyre.Tests.TestKit;
using Gyre.Torch;

[assembly: AssemblyFixture(typeof(LibTorchFixture))]

namespace Gyre.Tests.TestKit;

/// <summary>libtorch is loaded before any test touches it; tests that use it run one after another (TestLanes), because they share its threads and counters.</summary>
public sealed class LibTorchFixture
{
    public LibTorchFixture()
    {
        LibTorch.Load();
        LibTorch.SetThreads(1); // waiting threads of libtorch spin, and tests share the machine with child processes
    }
}
