using Gyre.Tests.Engine;
using Gyre.Torch;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(LibTorchFixture))]
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace Gyre.Tests.Engine;

/// <summary>
/// libtorch is loaded before any test touches it; tests run one after another because they share its threads and
/// counters.
/// </summary>
public sealed class LibTorchFixture
{
    public LibTorchFixture()
    {
        LibTorch.Load();
        LibTorch.SetThreads(1); // waiting threads of libtorch spin, and tests share the machine with child processes
    }
}
