using System.Globalization;
using Gyre.Lab.Interventions;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>A part of a run's memory that a key of its spec determines.</summary>
internal enum MemoryPart
{
    /// <summary>The Krylov basis and its images: curvature.basis.</summary>
    Basis,

    /// <summary>Gradient graphs that are kept for the products of a measurement: objective.cache_mb.</summary>
    Graphs,

    /// <summary>The graph of the chunk being processed: objective.chunk.</summary>
    Chunk,
}

/// <summary>A lower bound on the memory that a run needs, in bytes. Pure.</summary>
/// <param name="Spec">The resolved spec.</param>
/// <param name="Parameters">The number of parameters n.</param>
/// <param name="Samples">The number of samples N of this process.</param>
/// <param name="SampleGraph">The bytes of a gradient graph per sample; NaN if it was not measured.</param>
internal sealed record MemoryNeed(RunSpec Spec, long Parameters, long Samples, double SampleGraph)
{
    private const int Plain = 3; // theta_0, the gradient, the update; theta exists already
    private const int LeastChunk = 1;
    private const double Margin = 0.9; // of the free memory: a value that fits should not just barely fit
    private const double Mega = 1e6;

    /// <summary>Returns whether a run takes products with the Hessian at all.</summary>
    public static bool MeasuresAnything(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Measured is not null
            || spec.Curvature.Every > 0
            || spec.Curvature.EveryTime > 0
            || spec.Intervention.Name != InterventionCatalog.None;
    }

    /// <summary>The bytes of a vector of n numbers.</summary>
    public double Vector => (double)Parameters * (Spec.Dtype == DtypeNames.Float64 ? 8 : 4);

    /// <summary>The bytes of the basis and its images.</summary>
    public double Basis => Measures ? 2 * Spec.Curvature.Basis * Vector : 0;

    /// <summary>The bytes of the graph of one chunk.</summary>
    public double Chunk => Known(SampleGraph) * Math.Min(Spec.Objective.Chunk, Samples);

    /// <summary>The bytes of the graphs of all chunks that are kept.</summary>
    public double Graphs => Measures ? Math.Min(Spec.Objective.CacheBytes, Known(SampleGraph) * Samples) : 0;

    /// <summary>
    /// The bytes of everything together. The graph being processed is one of those that are kept, if any are.
    /// </summary>
    public double Total => Other + Basis + Math.Max(Graphs, Chunk);

    /// <summary>
    /// The bytes that no key determines: theta and vectors of its length, and the eigenvectors of the last bursts.
    /// </summary>
    private double Other => (Plain + (Measures ? Spec.Curvature.Pairs * (Spec.Curvature.Burst + 1) : 0)) * Vector;

    private bool Measures => MeasuresAnything(Spec);

    /// <summary>The smallest basis that the tracked pairs allow.</summary>
    public int LeastBasis => Math.Max(4, Spec.Curvature.Pairs + 2);

    /// <summary>
    /// Returns why the run must not begin: one key after another, each with the value that the next one assumes;
    /// empty if the free memory may suffice.
    /// </summary>
    /// <param name="free">Bytes free now.</param>
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

    /// <summary>Returns the largest value of a part's key that fits; null if there is none.</summary>
    /// <param name="part">The part to change.</param>
    /// <param name="free">Bytes free for the whole run.</param>
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

    /// <summary>
    /// Returns a value of a part's key that is likely to suffice after the present one did not: the part then takes
    /// at most half of its present memory.
    /// </summary>
    /// <param name="part">The part to change.</param>
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

    /// <summary>
    /// Returns the part that requested unavailable memory, judged by the size of the request; the largest part if the
    /// size is unknown.
    /// </summary>
    /// <param name="asked">Bytes requested; null if unknown.</param>
    public MemoryPart Asking(double? asked)
    {
        if (Basis > 0 && asked >= Math.Min(Basis, 2.0 * LeastBasis * Vector))
            return MemoryPart.Basis;
        if (asked is null && Basis > Math.Max(Graphs, Chunk))
            return MemoryPart.Basis;
        return Graphs > 1.5 * Chunk ? MemoryPart.Graphs : MemoryPart.Chunk;
    }

    public static string KeyOf(MemoryPart part) =>
        part switch
        {
            MemoryPart.Basis => "curvature.basis",
            MemoryPart.Graphs => "objective.cache_mb",
            _ => "objective.chunk",
        };

    /// <summary>Describes a part and its size in words.</summary>
    public string Described(MemoryPart part) =>
        part switch
        {
            MemoryPart.Basis => string.Create(
                CultureInfo.InvariantCulture,
                $"{Spec.Curvature.Basis} Krylov vectors of {Parameters} parameters, with their images, need "
                    + $"{ByteSize.Format(Basis)}"
            ),
            MemoryPart.Graphs => FormattableString.Invariant(
                $"the cached gradient graphs need {ByteSize.Format(Graphs)}"
            ),
            _ => FormattableString.Invariant(
                $"the graph of a chunk of {Math.Min(Spec.Objective.Chunk, Samples)} samples needs {ByteSize.Format(Chunk)}"
            ),
        };

    /// <summary>
    /// Returns the part to reduce: the graphs if that is enough, because it changes no result; otherwise the larger
    /// of the other parts, or the one that can be reduced.
    /// </summary>
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
            ? "no value of it alone fits: use a smaller network, fewer curvature.pairs, or a machine with more memory"
            : FormattableString.Invariant($"{key} = {fits} fits{cost}");
        return new SpecMistake(
            key,
            $"{Described(part)}, the whole run {ByteSize.Format(Total)}, but {ByteSize.Format(free)} of memory are free; {way}"
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
