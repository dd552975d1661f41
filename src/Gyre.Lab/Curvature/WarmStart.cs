using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// What one solve leaves for the next beside its wanted vectors: guard vectors of the pairs outside, without which a
/// warm start
/// cannot see how near they are, and the vector of the smallest eigenvalue. Owns its tensors: guards·n numbers for each
/// step kept.
/// Measured against other cures in docs/decisions/0003-warm-start.md.
/// </summary>
internal sealed class WarmStart : IDisposable
{
    /// <summary>Guard vectors a solve leaves.</summary>
    public const int Guards = 2;

    /// <summary>How far below the angle tolerance a warm solve goes (<see cref="LanczosOptions.Safety"/>).</summary>
    public const double Safety = 10;

    private const double FirstWeight = 0.5; // of the leading vector; trailing ones converge last and weigh more
    private const double LastWeight = 1.3;
    private const double BottomWeight = 1;

    // of the start's length: a part that no structure of the network is orthogonal to
    private const double NoiseShare = 0.03;
    private const string GuardPrefix = "guards.";
    private const string BottomName = "lowest_vector";

    private readonly Dictionary<long, Tensor> _guards = [];
    private Tensor? _bottom;

    /// <summary>The options of a solve that starts warm.</summary>
    /// <param name="options">Of the same solve from a random start.</param>
    /// <param name="known">Wanted and guard vectors of an earlier step, rows <c>[m, n]</c>.</param>
    public static LanczosOptions Options(LanczosOptions options, Tensor known) =>
        options with
        {
            Safety = Math.Min(options.Safety, Safety),
            Reference = known,
        };

    /// <summary>
    /// One row that holds all of the vectors known, and a little noise. One product, where m rows would cost m.
    /// </summary>
    /// <param name="known">Rows <c>[m, n]</c>, leading first.</param>
    /// <param name="bottom">The vector of the smallest eigenvalue, <c>[1, n]</c>, where it is sought; null where
    /// not.</param>
    /// <param name="seed">Of the noise.</param>
    /// <returns><c>[1, n]</c>, in the caller's dispose scope.</returns>
    public static Tensor Row(Tensor known, Tensor? bottom, long seed)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var weights = linspace(FirstWeight, LastWeight, known.shape[0], known.dtype, known.device);
        var row = weights.unsqueeze(0).mm(known);
        if (bottom is not null)
            row = row + bottom * tensor(BottomWeight, known.dtype, CPU);
        var noise = randn([1, known.shape[1]], ScalarType.Float64, CPU, generator: generator)
            .to(known.dtype, known.device);
        return (
            row + noise * (row.norm() * tensor(NoiseShare, known.dtype, CPU) / noise.norm())
        ).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Wanted and guard vectors of a step that is kept, rows <c>[k + g, n]</c>, in the caller's dispose scope.
    /// </summary>
    public Tensor Known(KeptEigenvectors kept) =>
        _guards.TryGetValue(kept.Step, out var guards) ? cat([kept.Vectors, guards]) : kept.Vectors.alias();

    /// <summary>The vector of the smallest eigenvalue found last, <c>[1, n]</c>, or null.</summary>
    public Tensor? Bottom => _bottom;

    /// <summary>Remembers what a solve left; guards of steps that are no longer kept are released.</summary>
    /// <param name="step">Where it was.</param>
    /// <param name="solution">Its tensors are copied.</param>
    /// <param name="kept">Steps whose wanted vectors are kept, this one among them.</param>
    public void Add(long step, EigenSolution solution, IReadOnlyCollection<long> kept)
    {
        if (solution.Guards.shape[0] > 0)
            _guards[step] = solution.Guards.clone().DetachFromDisposeScope();
        foreach (var gone in _guards.Keys.Where(one => !kept.Contains(one)).ToArray())
        {
            _guards[gone].Dispose();
            _guards.Remove(gone);
        }
        if (!solution.LambdaMinSought)
            return;
        _bottom?.Dispose();
        _bottom = solution.LambdaMinVector.clone().DetachFromDisposeScope();
    }

    /// <summary>Adds what a checkpoint must hold.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        foreach (var (step, guards) in _guards)
            into[FormattableString.Invariant($"{GuardPrefix}{step}")] = guards;
        if (_bottom is not null)
            into[BottomName] = _bottom;
    }

    /// <summary>Takes back what a checkpoint held.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from, ParameterLayout layout)
    {
        Tensor Own(Tensor value) => value.clone().to(layout.Dtype, layout.Device).DetachFromDisposeScope();
        foreach (var (name, value) in from.Where(pair => pair.Key.StartsWith(GuardPrefix, StringComparison.Ordinal)))
            _guards[long.Parse(name[GuardPrefix.Length..], System.Globalization.CultureInfo.InvariantCulture)] = Own(
                value
            );
        if (from.TryGetValue(BottomName, out var bottom))
            _bottom = Own(bottom);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var guards in _guards.Values)
            guards.Dispose();
        _guards.Clear();
        _bottom?.Dispose();
        _bottom = null;
    }
}
