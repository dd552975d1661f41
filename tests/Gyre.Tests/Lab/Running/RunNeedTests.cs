using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Lab.Running;

/// <summary>What a run needs of memory and disk, held against what a machine might have.</summary>
public sealed partial class RunNeedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "curvature.basis=800",
        10_000_000,
        1e3,
        12e9,
        "curvature.basis: 800 Krylov vectors of 10000000 parameters, with their images, need 64.0 GB"
    )]
    [InlineData(
        "objective.cache_mb=50000",
        1000,
        5e6,
        20e9,
        "objective.cache_mb: the cached gradient graphs need 50.0 GB"
    )]
    [InlineData(
        "objective.chunk=10000",
        1000,
        5e6,
        20e9,
        "objective.chunk: the graph of a chunk of 10000 samples needs 50.0 GB"
    )]
    public void A_run_without_memory_is_refused_with_the_key_and_a_value_that_fits(
        string set,
        long parameters,
        double graph,
        double free,
        string said
    )
    {
        var need = new MemoryNeed(
            SpecReader.Read("quick", ["data.samples=20000", "objective.cache_mb=100", set]),
            parameters,
            20_000,
            graph
        );
        var mistakes = need.Mistakes(free);
        Assert.StartsWith(said, mistakes[0].ToString(), StringComparison.Ordinal);
        Assert.Contains($"{ByteSize.Format(free)} of memory are free", mistakes[0].Problem, StringComparison.Ordinal);
        Assert.Empty(Mended(need, mistakes).Mistakes(free));
        Assert.Empty(need.Mistakes(need.Total));
        Assert.NotEmpty(need.Mistakes(need.Total - 1));
    }

    [Fact]
    public void Whatever_is_too_large_the_values_named_fit_together_or_none_is_named()
    {
        var any =
            from basis in Gen.Int[6, 1000]
            from cache in Gen.Int[0, 100_000]
            from chunk in Gen.Int[1, 100_000]
            from parameters in Gen.Long[2, 100_000_000]
            from samples in Gen.Long[1, 1_000_000]
            from graph in Gen.Double[0, 1e7]
            from free in Gen.Double[1e6, 1e12]
            select (
                Need: new MemoryNeed(
                    SpecReader.Read(
                        "quick",
                        [$"curvature.basis={basis}", $"objective.cache_mb={cache}", $"objective.chunk={chunk}"]
                    ),
                    parameters,
                    samples,
                    graph
                ),
                free
            );
        any.Sample(
            one =>
            {
                var mistakes = one.Need.Mistakes(one.free);
                Assert.Equal(one.Need.Total > one.free, mistakes.Count > 0);
                Assert.True(
                    mistakes.All(mistake => Fits().IsMatch(mistake.Problem))
                        ? Mended(one.Need, mistakes).Mistakes(one.free).Count == 0
                        : mistakes[^1].Problem.Contains("no value", StringComparison.Ordinal)
                );
            },
            iter: 300
        );
    }

    [Fact]
    public void What_is_not_measured_takes_neither_basis_nor_graphs()
    {
        var need = new MemoryNeed(SpecReader.Read("quick", ["curvature.every=0"]), 1000, 100, double.NaN);
        Assert.Equal((0, 0, 0, 3 * 4000), (need.Basis, need.Graphs, need.Chunk, need.Total));
    }

    /// <summary>The bytes of a sample's graph, from two graphs of a few, against the graph of all.</summary>
    [Fact]
    public void The_graph_of_a_chunk_is_as_large_as_a_few_samples_tell()
    {
        using var problem = new TinyProblem(
            samples: 2000,
            widths: [1024, 1024],
            dtype: TorchSharp.torch.ScalarType.Float32
        );
        Assert.SkipUnless(NativeMemory.IsExact, "Allocations are not counted exactly here.");
        // The runtime's compiler allocates in the same heap, now and then: a wide network, and the median of a few.
        var whole = Enumerable.Range(0, 5).Select(_ => GraphSize.Bytes(problem.Objective, 2000)).Order().ElementAt(2);
        Assert.InRange(GraphSize.BytesPerSample(problem.Objective) * 2000 / whole, 0.9, 1.1);
    }

    /// <summary>A basis that no machine holds: the real one is asked, and nothing is left behind.</summary>
    [Fact]
    public void A_run_that_this_machine_cannot_hold_leaves_nothing()
    {
        var spec = SpecReader.Read(
            "quick",
            [
                "data.name=two-moons",
                "data.samples=40",
                "model.widths=[20000,2000]",
                "curvature.basis=1000",
                "dtype=float64",
            ]
        ); // 640 GB
        Assert.SkipUnless(MachineMemory.Available() < 500e9, "This machine holds it.");
        var error = Assert.Throws<SpecException>(() =>
            Run.Execute(spec, new RunFolder(_folder["run"]), "test", TimeProvider.System, CancellationToken.None)
        );
        Assert.Equal("curvature.basis", Assert.Single(error.Mistakes).Where);
        Assert.Contains("Krylov vectors of 40", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["run"]));
        Assert.Throws<SpecException>(() => Calibration.Measure(spec, TimeProvider.System));
    }

    [Theory]
    [InlineData(
        "run.eigenvectors_mb=100000",
        "run.eigenvectors_mb: the run writes at least",
        "run.eigenvectors_mb = 0 fits"
    )]
    [InlineData(
        "run.keep_checkpoints=30",
        "run.keep_checkpoints: the run writes at least",
        "run.keep_checkpoints = 0 fits"
    )]
    public void A_run_without_room_on_the_disk_is_refused_with_the_key_and_a_value_that_fits(
        string set,
        string said,
        string fits
    )
    {
        var spec = SpecReader.Read(
            "quick",
            ["training.steps=1000", "run.checkpoint_every=10", "run.keep_checkpoints=1", set]
        );
        var need = new DiskNeed(spec, 100_000);
        var mistake = DiskNeed.Refusal([need], need.Total * 0.9, "/somewhere")!;
        Assert.StartsWith(said, mistake.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            $"/somewhere has {ByteSize.Format(need.Total * 0.9)} of space. {fits}",
            mistake.Problem,
            StringComparison.Ordinal
        );
        Assert.Null(DiskNeed.Refusal([need], need.Total, "/somewhere"));
        Assert.DoesNotContain("fits", DiskNeed.Refusal([need], 10, "/somewhere")!.Problem, StringComparison.Ordinal);
    }

    /// <summary>For real: what is reckoned is less than what a run writes, and not much less; and a disk of too few
    /// pages is refused before the folder is made.</summary>
    [Fact]
    public void The_least_that_a_run_writes_is_less_than_it_writes_and_a_disk_of_less_is_refused()
    {
        var spec = SpecReader.Read("quick", ["data.samples=60", "threads=1", "curvature.follow=false"]);
        Run.Execute(spec, new RunFolder(_folder["run"]), "test", TimeProvider.System, CancellationToken.None);
        var need = new DiskNeed(spec, RunReader.Open(_folder["run"]).ReadSummary()!.Parameters);
        Assert.InRange(need.Total / RunNeeds.Written(_folder["run"]), 0.5, 1);
        using var disk = SmallDisk.Mount((int)(need.Total / 2048));
        var error = Assert.Throws<SpecException>(() =>
            Run.Execute(spec, new RunFolder(disk["run"]), "test", TimeProvider.System, CancellationToken.None)
        );
        Assert.StartsWith("run.", Assert.Single(error.Mistakes).Where, StringComparison.Ordinal);
        Assert.False(Directory.Exists(disk["run"]));
    }

    [Fact]
    public void A_sweep_whose_cells_fit_neither_memory_nor_disk_is_refused_with_both()
    {
        var sweep = SweepSpecReader.Read("quick", ["sweep.seeds=3", "curvature.basis=200"]);
        var probes = SweepPlanner
            .SpecsToCalibrate(sweep, 1)
            .ToDictionary(
                Calibration.Id,
                spec =>
                    SampleRecords.Calibration(Calibration.Id(spec), 3) with
                    {
                        Parameters = 1_000_000,
                        PeakBytes = 3_000_000_000,
                    }
            );
        var cells = SweepPlanner.Plan(sweep, 1, probes, "").Cells;
        var need = cells.Sum(cell => new DiskNeed(cell.Spec, 1_000_000).Total);
        Assert.Empty(SweepNeeds.Mistakes(cells, 2.6e9, need, "here"));
        var mistakes = SweepNeeds.Mistakes(cells, 2.4e9, need - 1, "here");
        Assert.Equal(
            "curvature.basis: a cell needs 3.0 GB, as its measurement at initialization did, but 2.4 GB of "
                + "memory are free; its 200 Krylov vectors of 1000000 parameters, with their images, need 1.6 "
                + "GB; curvature.basis = 95 fits",
            mistakes[0].ToString()
        );
        Assert.Contains("the 3 unfinished runs write at least", mistakes[1].Problem, StringComparison.Ordinal);
        Assert.Empty(
            SweepNeeds.Mistakes(
                [.. cells.Select(cell => cell with { Bytes = double.NaN, Parameters = 0 })],
                0,
                0,
                "here"
            )
        );
    }

    [Theory]
    [InlineData(
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000000000 bytes",
        "Too large is curvature.basis: 500 Krylov vectors of 1000000 parameters, with their images, need 4.0 GB.",
        "--set curvature.basis="
    )]
    [InlineData(
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 6400000 bytes",
        "Too large is objective.cache_mb: the cached gradient graphs need 2.0 GB.",
        "--set objective.cache_mb="
    )]
    [InlineData("CUDA out of memory", "Too large is curvature.basis", "--set curvature.basis=")]
    public void Memory_that_ran_out_names_what_was_too_large_and_a_smaller_value(string words, string large, string way)
    {
        var spec = SpecReader.Read(
            "quick",
            [
                "data.name=two-moons",
                "data.samples=40",
                "model.widths=[4]",
                "training.steps=3",
                "curvature.basis=500",
                "training.evaluate_every=0",
            ]
        );
        var folder = new RunFolder(_folder[$"runs/{Run.FolderName(spec)}"]);
        Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None);
        File.Delete(folder.Summary);
        var said = RunMemoryException.MessageOf(
            spec,
            folder,
            new MemoryFault(MemoryPlace.Host, words),
            new MemoryNeed(spec, 1_000_000, 10_000, 300_000)
        );
        Assert.Contains(large, said, StringComparison.Ordinal);
        var value = double.Parse(Regex.Match(said, $"{way}([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(value, 6, way.Contains("basis", StringComparison.Ordinal) ? 250 : 512);
    }

    [Theory]
    [InlineData("you tried to allocate 6400000 bytes", 6_400_000.0)]
    [InlineData("CUDA out of memory. Tried to allocate 2.50 GiB", 2.5 * (1 << 30))]
    [InlineData("std::bad_alloc", null)]
    public void What_was_asked_for_is_read_from_libtorchs_words(string words, double? bytes) =>
        Assert.Equal(bytes, new MemoryFault(MemoryPlace.Host, words).RequestedBytes);

    private static MemoryNeed Mended(MemoryNeed need, IReadOnlyList<SpecMistake> mistakes)
    {
        foreach (var mistake in mistakes)
        {
            var value = int.Parse(Fits().Match(mistake.Problem).Groups[1].Value, CultureInfo.InvariantCulture);
            need = need with
            {
                Spec = mistake.Where switch
                {
                    "curvature.basis" => need.Spec with { Curvature = need.Spec.Curvature with { Basis = value } },
                    "objective.cache_mb" => need.Spec with
                    {
                        Objective = need.Spec.Objective with { CacheMegabytes = value },
                    },
                    _ => need.Spec with { Objective = need.Spec.Objective with { Chunk = value } },
                },
            };
        }
        return need;
    }

    [GeneratedRegex(@"= (\d+) fits")]
    private static partial Regex Fits();
}
