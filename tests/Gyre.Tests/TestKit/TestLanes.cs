using Gyre.Tests.TestKit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: CollectionBehavior(typeof(TestLanes))]
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]

namespace Gyre.Tests.TestKit;

/// <summary>
/// Two lanes side by side, in each one test after another: tests of the program, which start processes of their own and mostly wait for them, and all others, which share
/// libtorch's threads and counters in this process.
/// </summary>
public sealed class TestLanes(IXunitTestAssembly assembly) : IXunitTestCollectionFactory
{
    private readonly IXunitTestCollection _program = new XunitTestCollection(assembly, null, disableParallelization: false, "tests of the program");
    private readonly IXunitTestCollection _inProcess = new XunitTestCollection(assembly, null, disableParallelization: false, "tests in this process");

    public string DisplayName => "two lanes";

    public IXunitTestCollection Get(Type testClass) => testClass.Namespace == "Gyre.Tests.App" ? _program : _inProcess;
}
