using Xunit.Sdk;
using Xunit.v3;

// These tests mostly wait for their children: two at a time keep two processors busy.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 2)]
