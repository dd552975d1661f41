using System.Globalization;
using Gyre.Lab.Interventions;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>A part of the memory of a run that a key of its spec decides.</summary>
internal enum MemoryPart
{
    /// <summary>The Krylov basis and its images: curvature.basis.</summary>
    Basis,

    /// <summary>Gradient graphs that are kept for the products of a measurement: objective.cache_mb.</summary>
    Graphs,

    /// <summary>The graph of the chunk in work: objective.chunk.</summary>
    Chunk,
}

/// <summary>The memory that a run cannot do without, in bytes, as a lower bound. Pure.</summary>
/// <param name="Spec">Resolved.</param>
/// <param name="Parameters">n.</param>
/// <param name="Samples">N, of this process.</param>
/// <param name="SampleGraph">Of a gradient graph, for each sample in it; NaN where it was not measured.</param>
internal sealed record MemoryNeed(RunSpec Spec, long Parameters, long Samples, double SampleGraph)
{
    private const int Plain = 3; // theta_0, the gradient, the update; theta is there already
    private const int LeastChunk = 1;
    private const double Margin = 0.9; // of what is free: a value that fits is no value that just fits
    private const double Mega = 1e6;

    /// <summary>Whether a run takes products with the Hessian at all.</summary>
    public static bool MeasuresAnything(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Measured is not null
            || spec.Curvature.Every > 0
            || spec.Curvature.EveryTime > 0
            || spec.Intervention.Name != InterventionCatalog.None;
    }

    /// <summary>A vector of n numbers.</summary>
    public double Vector => (double)Parameters * (Spec.Dtype == DtypeNames.Float64 ? 8 : 4);

    /// <summary>Of the basis and its images.</summary>
    public double Basis => Measures ? 2 * Spec.Curvature.Basis * Vector : 0;

    /// <summary>Of the graph of one chunk.</summary>
    public double Chunk => Known(SampleGraph) * Math.Min(Spec.Objective.Chunk, Samples);

    /// <summary>Of the graphs of as many chunks as are kept.</summary>
    public double Graphs => Measures ? Math.Min(Spec.Objective.CacheBytes, Known(SampleGraph) * Samples) : 0;

    /// <summary>Of all: the graph in work is one of those that are kept, where any is.</summary>
    public double Total => Other + Basis + Math.Max(Graphs, Chunk);

    /// <summary>What no key decides: theta and what is as long, and the eigenvectors of the last bursts.</summary>
    private double Other => (Plain + (Measures ? Spec.Curvature.Pairs * (Spec.Curvature.Burst + 1) : 0)) * Vector;

    private bool Measures => MeasuresAnything(Spec);

    /// <summary>The smallest basis that the tracked pairs allow.</summary>
    public int LeastBasis => Math.Max(4, Spec.Curvature.Pairs + 2);

    /// <summary>Why the run is not to be begun: a key after the other, each with the value that the next goes on
    /// from; empty where what is free may suffice.</summary>
    /// <param name="free">Bytes.</param>
    public IReadOnlyList<SpecMistake> Mistakes(double free)
    {
        var mistakes = new List<SpecMistake>();
        for (var need = this; need is not null && need.Total > free; )
        {
            var part = need.TooLarge(free);
            var fits = need.Fitting(part, free);
            var again = mistakes.Any(mistake => mistake.Where == KeyOf(part));
            mistakes.Add(need.Mistake(part, fits, free));
            need = fits is { } value && !again ? need.With(part, value) : null;
        }
        return mistakes;
    }

    /// <summary>The largest value of a part's key that fits; null where none does.</summary>
    /// <param name="part">The part.</param>
    /// <param name="free">Bytes for all that the run takes.</param>
    public long? Fitting(MemoryPart part, double free)
    {
        var left = Margin * free - Other;
        return part switch
        {
            MemoryPart.Basis => AtLeast(LeastBasis, (left - Math.Max(Graphs, Chunk)) / (2 * Vector))
                ?? AtLeast(LeastBasis, (left - Chunk) / (2 * Vector)),
            MemoryPart.Graphs => AtLeast(0, (left - Basis) / Mega),
            _ => SampleGraph > 0 ? AtLeast(LeastChunk, (left - Basis) / SampleGraph) : null,
        };
    }

    /// <summary>A value of a part's key that is likely to do, after the present one did not: at most half of what it
    /// takes now.</summary>
    /// <param name="part">The part.</param>
    /// <param name="free">Bytes free now.</param>
    public long Less(MemoryPart part, double free)
    {
        var half = part switch
        {
            MemoryPart.Basis => Spec.Curvature.Basis / 2,
            MemoryPart.Graphs => (long)(
                Math.Min(Graphs > 0 ? Graphs : double.PositiveInfinity, Spec.Objective.CacheBytes / 2.0) / 2 / Mega
            ),
            _ => Math.Min(Spec.Objective.Chunk, Samples) / 4,
        };
        var least = part switch
        {
            MemoryPart.Basis => LeastBasis,
            MemoryPart.Graphs => 0,
            _ => LeastChunk,
        };
        return Math.Max(least, Math.Min(half, Fitting(part, free) ?? half));
    }

    /// <summary>Which part asked for memory that there was not, by how much it asked for; where that is not known,
    /// the largest.</summary>
    /// <param name="asked">Bytes; null: not known.</param>
    public MemoryPart Asking(double? asked)
    {
        if (Basis > 0 && asked >= Math.Min(Basis, 2.0 * LeastBasis * Vector))
            return MemoryPart.Basis;
        if (asked is null && Basis > Math.Max(Graphs, Chunk))
            return MemoryPart.Basis;
        return Graphs > 1.5 * Chunk ? MemoryPart.Graphs : MemoryPart.Chunk;
    }

    /// <summary>The key of a part.</summary>
    public static string KeyOf(MemoryPart part) =>
        part switch
        {
            MemoryPart.Basis => "curvature.basis",
            MemoryPart.Graphs => "objective.cache_mb",
            _ => "objective.chunk",
        };

    /// <summary>What a part is and takes, in words.</summary>
    public string Described(MemoryPart part) =>
        part switch
        {
            MemoryPart.Basis => string.Create(
                CultureInfo.InvariantCulture,
                $"{Spec.Curvature.Basis} Krylov vectors of {Parameters} parameters, with their images, take "
                    + $"{ByteSize.Format(Basis)}"
            ),
            MemoryPart.Graphs => FormattableString.Invariant(
                $"the gradient graphs that are kept take {ByteSize.Format(Graphs)}"
            ),
            _ => FormattableString.Invariant(
                $"the graph of a chunk of {Math.Min(Spec.Objective.Chunk, Samples)} samples takes {ByteSize.Format(Chunk)}"
            ),
        };

    /// <summary>The part that is to be smaller: graphs where that is enough, since it changes no result; else the
    /// larger of the others, or the one that can be.</summary>
    private MemoryPart TooLarge(double free)
    {
        if (Other + Basis + Chunk <= Margin * free)
            return MemoryPart.Graphs;
        MemoryPart[] parts =
            Basis >= Chunk ? [MemoryPart.Basis, MemoryPart.Chunk] : [MemoryPart.Chunk, MemoryPart.Basis];
        return parts.FirstOrDefault(part => Fitting(part, free) is not null, parts[0]);
    }

    private SpecMistake Mistake(MemoryPart part, long? fits, double free)
    {
        var key = KeyOf(part);
        var cost = part == MemoryPart.Graphs ? ", with the same results, more slowly" : "";
        var way = fits is null
            ? "no value of it alone fits: take a smaller network, fewer curvature.pairs, or a machine with more memory"
            : FormattableString.Invariant($"{key} = {fits} fits{cost}");
        return new SpecMistake(
            key,
            $"{Described(part)}, the whole run {ByteSize.Format(Total)}, and {ByteSize.Format(free)} of memory are free; {way}"
        );
    }

    private MemoryNeed With(MemoryPart part, long value) =>
        this with
        {
            Spec = part switch
            {
                MemoryPart.Basis => Spec with { Curvature = Spec.Curvature with { Basis = (int)value } },
                MemoryPart.Graphs => Spec with { Objective = Spec.Objective with { CacheMegabytes = (int)value } },
                _ => Spec with { Objective = Spec.Objective with { Chunk = (int)value } },
            },
        };

    private static double Known(double bytes) => double.IsFinite(bytes) ? bytes : 0;

    private static long? AtLeast(long least, double value) => value >= least ? (long)Math.Floor(value) : null;
}
