using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

public class EngineReportTests
{
    private static readonly LibTorchInfo Info = new("2.10.0", "/lib", "/shim", false, true) { CpuCapability = "AVX2" };

    [Fact]
    public void An_engine_that_runs_these_tests_is_sound_and_every_subject_is_there()
    {
        using var check = LiveTensors.AssertUnchanged();
        var report = EngineReport.Examine();
        Assert.True(report.IsSound);
        Assert.Equal(
            [
                "runtime",
                "system",
                "environment",
                "libtorch",
                "shim",
                "threads",
                "vector instructions",
                "convolutions",
                "CUDA",
                "allocator",
                "self-test",
            ],
            report.Findings.Select(f => f.Subject)
        );
        Assert.All(
            report.Findings,
            f => Assert.True(f.Fact.Length > 0 && f.Cure is null == (f.Severity == FindingSeverity.Ok))
        );
        Assert.Contains(report.Findings, f => f.Fact.Contains(LibTorch.Load().Folder, StringComparison.Ordinal));
    }

    [Fact]
    public void The_self_test_passes_here() => Assert.Equal(FindingSeverity.Ok, EngineReport.SelfTest().Severity);

    [Fact]
    public void What_slows_or_endangers_runs_is_a_warning_with_a_cure()
    {
        Warns(EngineReport.ExamineThreads(9, 8), "8 or fewer");
        Warns(EngineReport.ExamineVectors(Info with { CpuCapability = "DEFAULT" }), "ATEN_CPU_CAPABILITY");
        Warns(EngineReport.ExamineLibrary(Info with { Version = "2.9.1+cpu" }), "2.10.0");
        Warns(EngineReport.ExamineConvolutions(false, true), "multiples of 16");
        Warns(EngineReport.ExamineConvolutions(false, false), "float64");
        if (Glibc.Version is not null)
            Warns(EngineReport.ExamineAllocator(Info with { AllocatorTuned = false }), "LD_PRELOAD");
    }

    [Fact]
    public void What_is_as_it_should_be_is_not()
    {
        EngineFinding[] findings =
        [
            EngineReport.ExamineThreads(8, 8),
            EngineReport.ExamineVectors(Info),
            EngineReport.ExamineLibrary(Info),
            EngineReport.ExamineAllocator(Info),
            EngineReport.ExamineLibrary(Info with { Version = "2.10.1+cu128", NamedByUser = true }),
            EngineReport.ExamineRuntime(),
            EngineReport.ExamineConvolutions(true, false),
        ];
        Assert.All(findings, f => Assert.Equal(FindingSeverity.Ok, f.Severity));
        Assert.Contains("named by GYRE_LIBTORCH", findings[4].Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void One_error_makes_the_report_unsound()
    {
        Assert.True(new EngineReport([new("a", FindingSeverity.Warning, "x", "y")]).IsSound);
        Assert.False(
            new EngineReport([new("a", FindingSeverity.Ok, "x"), new("b", FindingSeverity.Error, "x", "y")]).IsSound
        );
    }

    [Fact]
    public void Memory_that_malloc_gives_is_counted_where_glibc_counts_it()
    {
        Assert.SkipUnless(NativeMemory.IsExact, "Only glibc counts.");
        var before = NativeMemory.AllocatedBytes();
        using var block = TorchSharp.torch.empty(1 << 27);
        // The runtime's own threads allocate and free in the same heap meanwhile, some megabytes at times: the block is
        // large beside them.
        Assert.InRange(NativeMemory.AllocatedBytes() - before, 496L << 20, 528L << 20);
    }

    [Fact]
    public void The_allocator_is_tuned_exactly_where_it_is_glibcs() =>
        Assert.Equal(Glibc.OwnsAllocator, LibTorch.Load().AllocatorTuned);

    private static void Warns(EngineFinding finding, string cure)
    {
        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.Contains(cure, finding.Cure, StringComparison.Ordinal);
    }
}
