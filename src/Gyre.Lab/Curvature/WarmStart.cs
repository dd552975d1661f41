using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// The vectors that one solve leaves for the next in addition to its wanted vectors. They are guard vectors of the
/// neighboring pairs, without which a warm start cannot see how near those pairs are, and the eigenvector of the
/// smallest eigenvalue. Owns its tensors: guards·n numbers for each kept step. docs/decisions/0003-warm-start.md
/// compares this with other remedies by measurement.
/// </summary>
internal sealed class WarmStart : IDisposable
{
    /// <summary>The number of guard vectors that a solve leaves.</summary>
    public const int Guards = 2;

    /// <summary>
    /// How far below the angle tolerance a warm solve continues (<see cref="LanczosOptions.Safety"/>).
    /// </summary>
    public const double Safety = 10;

    private const double FirstWeight = 0.5; // of the leading vector; trailing ones converge last and weigh more
    private const double LastWeight = 1.3;
    private const double BottomWeight = 1;

    // relative to the start's norm: a component that no structure of the network is orthogonal to
    private const double NoiseShare = 0.03;
    private const string GuardPrefix = "guards.";
    private const string BottomName = "lowest_vector";

    private readonly Dictionary<long, Tensor> _guards = [];
    private Tensor? _bottom;

    /// <summary>Returns the options of a solve that starts warm.</summary>
    /// <param name="options">The options of the same solve from a random start.</param>
    /// <param name="known">Wanted and guard vectors of an earlier step, rows <c>[m, n]</c>.</param>
    public static LanczosOptions Options(LanczosOptions options, Tensor known) =>
        options with
        {
            Safety = Math.Min(options.Safety, Safety),
            Reference = known,
        };

    /// <summary>
    /// Combines all known vectors and a little noise in one row. It costs one product; m rows would cost m.
    /// </summary>
    /// <param name="known">Rows <c>[m, n]</c>, leading first.</param>
    /// <param name="bottom">The eigenvector of the smallest eigenvalue, <c>[1, n]</c>, if it is sought; otherwise
    /// null.</param>
    /// <param name="seed">Seed for the noise.</param>
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
    /// Returns the wanted and guard vectors of a kept step, rows <c>[k + g, n]</c>, in the caller's dispose scope.
    /// </summary>
    public Tensor Known(KeptEigenvectors kept) =>
        _guards.TryGetValue(kept.Step, out var guards) ? cat([kept.Vectors, guards]) : kept.Vectors.alias();

    /// <summary>The latest eigenvector of the smallest eigenvalue, <c>[1, n]</c>, or null.</summary>
    public Tensor? Bottom => _bottom;

    /// <summary>
    /// Stores the vectors that a solve left, and releases the guards of steps that are no longer kept.
    /// </summary>
    /// <param name="step">The step of the solve.</param>
    /// <param name="solution">The solution; its tensors are copied.</param>
    /// <param name="kept">Steps whose wanted vectors are kept, including this one.</param>
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

    /// <summary>Adds the tensors that a checkpoint must hold.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        foreach (var (step, guards) in _guards)
            into[FormattableString.Invariant($"{GuardPrefix}{step}")] = guards;
        if (_bottom is not null)
            into[BottomName] = _bottom;
    }

    /// <summary>Restores the tensors from a checkpoint.</summary>
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
