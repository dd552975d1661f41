using Gyre.Spectral;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Spectral;

public class LanczosTests
{
    public static TheoryData<string, int> Cases =>
        new()
        {
            { "separated", 1 },
            { "separated", 4 },
            { "close", 2 },
            { "close", 4 },
            { "crowded", 1 },
            { "crowded", 4 },
            { "indefinite", 4 },
        };

    private static double[] Values(string name, int n) =>
        name switch
        {
            "separated" => Spectra.Leading(n, 200, 150, 110, 80, 60),
            "close" => Spectra.Leading(n, 200, 198, 110, 80, 60),
            "crowded" => Spectra.Crowded(n),
            "indefinite" => Spectra.Leading(n, 200, 150, 110, 80, -190),
            _ => throw new ArgumentException(name),
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Prescribed_spectra_are_found_within_the_error_bars(string name, int pairs)
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var scope = NewDisposeScope();
            var values = Values(name, 2000);
            var found = Lanczos.Solve(
                new DiagonalOperator(tensor(values).to(dtype)),
                new LanczosOptions { Wanted = Wanted.Largest(pairs), Seed = 5 }
            );
            Assert.Equal(StopReason.Converged, found.StopReason);
            var order = Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).ToArray();
            for (var i = 0; i < pairs; i++)
            {
                using var unit = zeros(values.Length, dtype: dtype);
                unit[order[i]] = 1;
                var angle = Spectra.Angle(found.Vectors[i], unit);
                Assert.InRange(found.AngleErrorsDegrees[i]!.Value, 0, 1);
                Assert.InRange(angle, 0, found.AngleErrorsDegrees[i]!.Value + 0.01);
                // The value's error is of second order: at most residual²/gap, and rounding.
                Assert.InRange(
                    Math.Abs(found.Values[i] - values[order[i]]),
                    0,
                    found.Residuals[i] * found.Residuals[i] / found.Gaps[i]
                        + 200 * (dtype == ScalarType.Float32 ? 3e-6 : 1e-14)
                );
            }
        }
    }

    [Fact]
    public void A_dense_twin_agrees_pair_by_pair_at_both_ends()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(8);
        var a = randn([60, 60], dtype: ScalarType.Float64, generator: generator);
        var matrix = (a + a.t()) / 2;
        var (ascending, vectors) = linalg.eigh(matrix);
        var exact = ascending.data<double>().ToArray();
        var found = Lanczos.Solve(
            new DenseOperator(matrix),
            new LanczosOptions { Wanted = new Wanted(3, 2), AngleToleranceDegrees = 1e-5 }
        );
        int[] at = [59, 58, 57, 1, 0];
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(exact[at[i]], found.Values[i], 1e-10);
            Assert.InRange(Spectra.Angle(found.Vectors[i], vectors.select(1, at[i])), 0, 1e-5);
        }
        Assert.Equal(exact[0], found.LambdaMin, 1e-10);
    }

    [Fact]
    public void Residuals_are_those_of_one_more_product_and_vectors_are_orthonormal()
    {
        using var scope = NewDisposeScope();
        var (matrix, _) = Spectra.Dense(Spectra.Leading(300, 30, 28, 25, 22), 4);
        var found = Lanczos.Solve(new DenseOperator(matrix), new LanczosOptions { Wanted = Wanted.Largest(4) });
        for (var i = 0; i < 4; i++)
        {
            var residual = (matrix.mv(found.Vectors[i]) - found.Values[i] * found.Vectors[i]).norm().item<double>();
            Assert.Equal(residual, found.Residuals[i], 1e-9);
        }
        Assert.True(found.Vectors.mm(found.Vectors.t()).allclose(eye(4, dtype: ScalarType.Float64), 0, 1e-12));
    }

    [Fact]
    public void The_error_bar_covers_the_true_angle_in_99_of_100_random_cases()
    {
        const int cases = 1000;
        var (covered, bars, whole) = (0, 0, 0);
        for (var seed = 0; seed < cases; seed++)
        {
            using var scope = NewDisposeScope();
            var random = new Random(seed);
            var n = 40 + random.Next(60);
            var outliers = Enumerable.Range(0, 1 + random.Next(8)).Select(_ => 2 + 10 * random.NextDouble());
            double[] values = [.. outliers, .. Enumerable.Range(0, n).Select(_ => -0.5 + 2 * random.NextDouble())];
            var diagonal = tensor(values).to(random.Next(2) == 0 ? ScalarType.Float32 : ScalarType.Float64);
            var pairs = 1 + random.Next(4);
            var found = Lanczos.Solve(
                new DiagonalOperator(diagonal),
                new LanczosOptions
                {
                    Wanted = Wanted.Largest(pairs),
                    Seed = seed,
                    MaxProducts = 60,
                }
            );
            var order = Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).ToArray();
            var outside = 0;
            for (var i = 0; i < pairs; i++)
            {
                if (found.AngleErrorsDegrees[i] is not { } bar)
                    continue;
                var unit = zeros(values.Length, dtype: ScalarType.Float64);
                unit[order[i]] = 1;
                bars++;
                // float32's rounding turns a vector by 1e-5 degrees
                outside += Spectra.Angle(found.Vectors[i], unit) <= bar + 1e-4 ? 0 : 1;
            }
            covered -= outside;
            whole += outside == 0 ? 1 : 0;
        }
        covered += bars;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{covered} of {bars} bars cover; all of {whole} of {cases} cases"
        );
        Assert.True(bars > cases, $"only {bars} bars");
        Assert.True(covered >= 0.99 * bars, $"{covered} of {bars} bars");
        Assert.True(whole >= 0.99 * cases, $"all of {whole} of {cases} cases");
    }

    [Fact]
    public void Shift_scale_and_an_orthogonal_change_of_basis_change_the_answer_as_they_must()
    {
        using var scope = NewDisposeScope();
        var values = Spectra.Leading(120, 50, 44, 39);
        var diagonal = new DiagonalOperator(tensor(values));
        var options = new LanczosOptions { Wanted = Wanted.Largest(2), AngleToleranceDegrees = 1e-4 };
        var plain = Lanczos.Solve(diagonal, options);
        var shifted = Lanczos.Solve(new ShiftedOperator(diagonal, -70), options);
        var scaled = Lanczos.Solve(new ScaledOperator(diagonal, 3), options);
        var doubled = Lanczos.Solve(new SumOperator(diagonal, diagonal), options);
        var (matrix, u) = Spectra.Dense(values, 9);
        var turned = Lanczos.Solve(new DenseOperator(matrix), options);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(plain.Values[i] - 70, shifted.Values[i], 1e-8);
            Assert.Equal(3 * plain.Values[i], scaled.Values[i], 1e-8);
            Assert.Equal(2 * plain.Values[i], doubled.Values[i], 1e-8);
            Assert.Equal(plain.Values[i], turned.Values[i], 1e-8);
            Assert.InRange(Spectra.Angle(u.mv(plain.Vectors[i]), turned.Vectors[i]), 0, 1e-3);
        }
    }

    [Fact]
    public void All_pairs_above_a_level_are_found_however_many_there_are()
    {
        using var scope = NewDisposeScope();
        var values = Spectra.Leading(500, 90, 80, 70, 60, 50, 40, 30);
        var found = Lanczos.Solve(
            new DiagonalOperator(tensor(values)),
            new LanczosOptions { Wanted = Wanted.Above(35) }
        );
        Assert.Equal([90, 80, 70, 60, 50, 40], found.Values.Select(value => Math.Round(value, 3)));
        var none = Lanczos.Solve(
            new DiagonalOperator(tensor(values)),
            new LanczosOptions { Wanted = Wanted.Above(100) }
        );
        Assert.Empty(none.Values);
        Assert.Equal(StopReason.Converged, none.StopReason);
    }

    [Fact]
    public void The_count_above_a_level_is_bounded_and_a_repeated_value_needs_as_many_start_vectors()
    {
        using var scope = NewDisposeScope();
        var many = new DiagonalOperator(tensor(Spectra.Leading(500, 90, 80, 70, 60, 50, 40, 30)));
        Assert.Equal(
            [90, 80, 70],
            Rounded(Lanczos.Solve(many, new LanczosOptions { Wanted = Wanted.Above(35, atMost: 3) }))
        );
        var twice = new DiagonalOperator(tensor(Spectra.Leading(500, 90, 90, 60, 40)));
        var options = new LanczosOptions { Wanted = Wanted.Largest(2) };
        Assert.Equal([90, 60], Rounded(Lanczos.Solve(twice, options)));
        Assert.Equal(
            [90, 90],
            Rounded(
                Lanczos.Solve(
                    twice,
                    options with
                    {
                        StartVectors = 2,
                        AngleToleranceDegrees = null,
                        ResidualTolerance = 1e-6,
                    }
                )
            )
        );

        static IEnumerable<double> Rounded(EigenSolution found) => found.Values.Select(value => Math.Round(value, 3));
    }

    [Fact]
    public void Tighter_tolerances_and_more_safety_are_kept_and_cost_products()
    {
        using var scope = NewDisposeScope();
        var diagonal = new DiagonalOperator(tensor(Spectra.Leading(2000, 60, 50, 42, 36, 31)));
        EigenSolution With(double? angle, double? residual, double safety) =>
            Lanczos.Solve(
                diagonal,
                new LanczosOptions
                {
                    Wanted = Wanted.Largest(3),
                    AngleToleranceDegrees = angle,
                    ResidualTolerance = residual,
                    Safety = safety,
                }
            );
        var (plain, safe) = (With(1, null, 1), With(1, null, 10));
        Assert.All(plain.AngleErrorsDegrees, bar => Assert.InRange(bar!.Value, 0, 1));
        Assert.All(
            safe.AngleErrorsDegrees,
            bar => Assert.InRange(bar!.Value, 0, 0.1 * new LanczosOptions().GapAllowance)
        );
        Assert.True(plain.Products < safe.Products, $"{plain.Products}, {safe.Products}");
        var (loose, tight) = (With(null, 1e-3, 1), With(null, 1e-9, 1));
        Assert.All(loose.Residuals, residual => Assert.InRange(residual, 0, 60e-3));
        Assert.All(tight.Residuals, residual => Assert.InRange(residual, 0, 60e-9));
        Assert.True(loose.Products < tight.Products, $"{loose.Products}, {tight.Products}");
        Assert.Equal(tight.Products, With(1, 1e-9, 1).Products); // where both are set, both must hold
    }

    [Fact]
    public void A_warm_start_costs_fewer_products_and_a_perfect_one_hardly_any()
    {
        using var scope = NewDisposeScope();
        var values = Spectra.Leading(3000, 60, 50, 42, 36, 31);
        var counting = new CountingOperator(new DiagonalOperator(tensor(values)));
        var options = new LanczosOptions { Wanted = Wanted.Largest(4) };
        var cold = Lanczos.Solve(counting, options);
        Assert.Equal(cold.Products, counting.Products);
        var warm = Lanczos.Solve(
            counting,
            options with
            {
                Safety = 3,
                Reference = cold.Vectors,
            },
            cold.Vectors + 0.02 * randn_like(cold.Vectors) / Math.Sqrt(3000)
        );
        Assert.True(warm.Products < cold.Products, $"{warm.Products} warm, {cold.Products} cold");
        Assert.Equal(StopReason.Converged, warm.StopReason);
    }

    [Fact]
    public void An_eigenvector_that_cancels_in_the_start_is_found_by_the_vectors_known_before()
    {
        using var scope = NewDisposeScope();
        var diagonal = new DiagonalOperator(tensor(Spectra.Leading(2000, 60, 50, 42, 36, 31)));
        var exact = eye(5, 2000, ScalarType.Float64);
        // Known before: the second eigenvector is half in the first and half in the second, with opposite signs, so
        // that it cancels in their sum.
        var (half, rest) = (Math.Sqrt(0.5), exact.slice(0, 2, 5, 1));
        var known = cat([
            (half * (exact[0] + exact[1])).unsqueeze(0),
            (half * (exact[0] - exact[1])).unsqueeze(0),
            rest,
        ]);
        var start = known.sum([0], keepdim: true);
        var options = new LanczosOptions { Wanted = Wanted.Largest(3), Safety = 3 };
        var blind = Lanczos.Solve(diagonal, options, start);
        var seeing = Lanczos.Solve(diagonal, options with { Reference = known }, start);
        Assert.Equal([60, 42, 36], blind.Values.Select(value => Math.Round(value, 3)));
        Assert.Equal([60, 50, 42], seeing.Values.Select(value => Math.Round(value, 3)));
    }

    [Fact]
    public void Guard_vectors_are_the_pairs_outside()
    {
        using var scope = NewDisposeScope();
        var diagonal = new DiagonalOperator(tensor(Spectra.Leading(500, 60, 50, 42, 36, 31)));
        var found = Lanczos.Solve(
            diagonal,
            new LanczosOptions
            {
                Wanted = Wanted.Largest(2),
                Guards = 2,
                AngleToleranceDegrees = 1e-3,
            }
        );
        Assert.Equal([2, 500], found.Guards.shape);
        Assert.True(found.Guards[0][2].abs().item<double>() > 0.99);
        Assert.Empty(Lanczos.Solve(diagonal, new LanczosOptions { Wanted = Wanted.Largest(2) }).Guards.data<double>());
    }

    [Fact]
    public void The_smallest_eigenvalue_is_converged_to_its_own_bar_where_it_is_sought()
    {
        using var scope = NewDisposeScope();
        var values = Spectra.Leading(1000, 60, 50, 42, 36);
        (values[700], values[701], values[702]) = (-3, -2.8, -2.7);
        var diagonal = new DiagonalOperator(tensor(values));
        var options = new LanczosOptions { Wanted = Wanted.Largest(3) };
        var (free, sought) = (
            Lanczos.Solve(diagonal, options),
            Lanczos.Solve(diagonal, options with { BottomTolerance = 0.02 })
        );
        Assert.False(free.LambdaMinSought || free.LambdaMinConverged);
        Assert.True(free.LambdaMin > -2.95, $"{free.LambdaMin}"); // where it is not asked for it is off by more
        Assert.True(sought.LambdaMinConverged);
        Assert.InRange(sought.LambdaMinError, 3 * sought.LambdaMinResidual - 1e-9, 0.06 + 1e-9);
        Assert.InRange(sought.LambdaMin, -3 - 1e-9, -3 + sought.LambdaMinError);
        Assert.True(sought.LambdaMin < free.LambdaMin);
        Assert.True(sought.LambdaMinVector[0][700].abs().item<double>() > 0.9);
        var limited = Lanczos.Solve(diagonal, options with { BottomTolerance = 1e-9, MaxProducts = free.Products + 2 });
        Assert.Equal(
            (StopReason.Converged, true, false),
            (limited.StopReason, limited.LambdaMinSought, limited.LambdaMinConverged)
        );
    }

    [Fact]
    public void A_solve_that_ends_at_rounding_says_so_and_its_bars_hold_the_rounding_error()
    {
        using var scope = NewDisposeScope();
        var values = Spectra.Leading(1000, 60, 59.99, 42);
        var diagonal = new DiagonalOperator(tensor(values).to(ScalarType.Float32));
        var found = Lanczos.Solve(
            diagonal,
            new LanczosOptions { Wanted = Wanted.Largest(2), AngleToleranceDegrees = 1e-4 }
        );
        Assert.Equal(StopReason.Rounding, found.StopReason);
        Assert.True(found.Converged);
        // A product's rounding error, 8 epsilon times the largest value, over the gap of a hundredth.
        Assert.All(found.AngleErrorsDegrees, bar => Assert.True(bar is null or > 0.3, $"{bar}"));
    }

    [Fact]
    public void A_restart_at_a_bounded_basis_still_converges()
    {
        using var scope = NewDisposeScope();
        var diagonal = new DiagonalOperator(tensor(Spectra.Crowded(1500)));
        var bounded = Lanczos.Solve(diagonal, new LanczosOptions { Wanted = Wanted.Largest(3), Basis = 11 });
        var whole = Lanczos.Solve(diagonal, new LanczosOptions { Wanted = Wanted.Largest(3), Basis = 200 });
        Assert.Equal(StopReason.Converged, bounded.StopReason);
        Assert.True(bounded.Products > whole.Products);
        Assert.Equal([200.0, 196.0, 192.08], bounded.Values.Select(value => Math.Round(value, 2)));
    }

    [Fact]
    public void Each_way_of_reorthogonalising_has_its_effect()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var diagonal = new DiagonalOperator(tensor(Spectra.Leading(400, 1000, 500)).to(ScalarType.Float32));
        // Start vectors that nearly coincide: one pass leaves behind what the cancellation magnifies.
        var start = ones([3, 400]) + 1e-4 * randn([3, 400], generator: generator);
        EigenSolution With(Reorthogonalization way) =>
            Lanczos.Solve(
                diagonal,
                new LanczosOptions
                {
                    Wanted = Wanted.Largest(4),
                    MaxProducts = 40,
                    Basis = 100,
                    Reorthogonalization = way,
                },
                start
            );
        var (none, one, two, kept) = (
            With(Reorthogonalization.None),
            With(Reorthogonalization.OnePass),
            With(Reorthogonalization.TwoPasses),
            With(Reorthogonalization.ParlettKahan)
        );
        Assert.True(none.OrthogonalityLoss > 0.5, $"none {none.OrthogonalityLoss}");
        Assert.Equal(0, none.OrthogonalizationPasses);
        Assert.True(
            one.OrthogonalityLoss > 10 * two.OrthogonalityLoss,
            $"one {one.OrthogonalityLoss}, two {two.OrthogonalityLoss}"
        );
        Assert.True(one.OrthogonalizationPasses < two.OrthogonalizationPasses);
        Assert.True(
            two.OrthogonalityLoss < 1e-5 && kept.OrthogonalityLoss < 1e-5,
            $"two {two.OrthogonalityLoss}, kept {kept.OrthogonalityLoss}"
        );
        Assert.True(
            kept.OrthogonalizationPasses < two.OrthogonalizationPasses,
            $"kept {kept.OrthogonalizationPasses}, two {two.OrthogonalizationPasses}"
        );
    }

    [Fact]
    public void Repeated_eigenvalues_zero_rank_one_and_tiny_operators_come_to_an_honest_end()
    {
        using var scope = NewDisposeScope();
        var repeated = Lanczos.Solve(
            new DiagonalOperator(tensor(new double[] { 5, 5, 5, 1, 1, 1, 1, 1 })),
            new LanczosOptions { Wanted = Wanted.Largest(3) }
        );
        Assert.Equal([5, 5, 5], repeated.Values.Select(value => Math.Round(value, 9)));
        Assert.Equal(StopReason.InvariantSubspace, repeated.StopReason);
        Assert.All(repeated.AngleErrorsDegrees, Assert.Null);
        var zero = Lanczos.Solve(
            new DiagonalOperator(zeros(50, dtype: ScalarType.Float64)),
            new LanczosOptions { Wanted = Wanted.Largest(2) }
        );
        Assert.All(zero.Values, value => Assert.Equal(0, value, 1e-12));
        Assert.True(zero.Converged);
        var one = zeros(50, dtype: ScalarType.Float64);
        one[7] = 3;
        var rank = Lanczos.Solve(
            new DiagonalOperator(one),
            new LanczosOptions { Wanted = Wanted.Largest(2) },
            start: zeros(50, dtype: ScalarType.Float64)
        );
        Assert.Equal(3, rank.Values[0], 1e-9);
        Assert.InRange(rank.AngleErrorsDegrees[0]!.Value, 0, 1e-4);
        var tiny = Lanczos.Solve(
            new DiagonalOperator(tensor(new double[] { 2, -3 })),
            new LanczosOptions { Wanted = Wanted.Largest(4) }
        );
        Assert.Equal([2, -3], tiny.Values.Select(value => Math.Round(value, 12)));
        var single = Lanczos.Solve(
            new DiagonalOperator(tensor(new double[] { 4 })),
            new LanczosOptions { Wanted = Wanted.Largest(1) }
        );
        Assert.Equal(4, single.Values[0], 1e-12);
    }

    [Fact]
    public void A_start_in_the_null_space_finds_the_pair_all_the_same()
    {
        using var scope = NewDisposeScope();
        var values = zeros(80, dtype: ScalarType.Float64);
        values[3] = 9;
        var start = zeros(80, dtype: ScalarType.Float64);
        start[10] = 1;
        var found = Lanczos.Solve(
            new DiagonalOperator(values),
            new LanczosOptions { Wanted = Wanted.Largest(1) },
            start
        );
        Assert.Equal(9, found.Values[0], 1e-9);
    }

    [Fact]
    public void The_limit_a_number_that_is_not_finite_and_cancellation_are_outcomes()
    {
        using var scope = NewDisposeScope();
        var crowded = new DiagonalOperator(tensor(Spectra.Crowded(500)));
        var limited = Lanczos.Solve(crowded, new LanczosOptions { Wanted = Wanted.Largest(4), MaxProducts = 8 });
        Assert.Equal((StopReason.ProductLimit, 8), (limited.StopReason, limited.Products));
        Assert.Contains("product limit", limited.Advice, StringComparison.Ordinal);
        var broken = Spectra.Leading(100, 9);
        broken[50] = double.NaN;
        Assert.Equal(
            StopReason.NotFinite,
            Lanczos.Solve(new DiagonalOperator(tensor(broken)), new LanczosOptions()).StopReason
        );
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Equal(
            StopReason.Canceled,
            Lanczos.Solve(crowded, new LanczosOptions { Wanted = Wanted.Largest(4) }, stop: stop.Token).StopReason
        );
    }

    [Fact]
    public void Equal_seeds_give_equal_bytes_and_nothing_is_left_behind()
    {
        using var outer = NewDisposeScope();
        var diagonal = new DiagonalOperator(tensor(Spectra.Leading(800, 40, 30, 25)).to(ScalarType.Float32));
        float[] Once(long seed)
        {
            using var scope = NewDisposeScope();
            return Lanczos
                .Solve(diagonal, new LanczosOptions { Wanted = Wanted.Largest(2), Seed = seed })
                .Vectors.data<float>()
                .ToArray();
        }
        var first = Once(3);
        using (LiveTensors.AssertUnchanged())
            Assert.Equal(first, Once(3));
        Assert.NotEqual(first, Once(4));
    }

    [Theory]
    [InlineData(0, 1.0, 10)]
    [InlineData(1, -1.0, 10)]
    [InlineData(1, 1.0, 0)]
    public void Options_out_of_range_are_refused(int pairs, double angle, int products)
    {
        using var scope = NewDisposeScope();
        var options = new LanczosOptions
        {
            Wanted = Wanted.Largest(pairs),
            AngleToleranceDegrees = angle,
            MaxProducts = products,
        };
        Assert.ThrowsAny<ArgumentException>(() => Lanczos.Solve(new DiagonalOperator(ones(5)), options));
    }

    [Fact]
    public void Start_vectors_that_do_not_fit_are_refused_and_dependent_ones_are_taken()
    {
        using var scope = NewDisposeScope();
        var diagonal = new DiagonalOperator(tensor(Spectra.Leading(90, 40, 30)));
        Assert.Throws<ArgumentException>(() => Lanczos.Solve(diagonal, null, ones(91, dtype: ScalarType.Float64)));
        Assert.Throws<ArgumentException>(() => Lanczos.Solve(diagonal, null, ones(90)));
        var same = ones([3, 90], dtype: ScalarType.Float64);
        Assert.True(Lanczos.Solve(diagonal, null, same).Converged);
    }

    [Fact]
    public void Power_iteration_with_the_usual_rule_leaves_the_vector_far_off()
    {
        using var scope = NewDisposeScope();
        var values = Spectra.Leading(2000, 200, 150, 110, 80, 60);
        var (found, vectors, products) = PowerIteration.Solve(new DiagonalOperator(tensor(values)), 1, seed: 2);
        using var unit = zeros(2000, dtype: ScalarType.Float64);
        unit[0] = 1;
        Assert.InRange(found[0], 190, 200.1);
        Assert.InRange(Spectra.Angle(vectors[0], unit), 1, 60);
        Assert.InRange(products, 5, 40);
    }
}
