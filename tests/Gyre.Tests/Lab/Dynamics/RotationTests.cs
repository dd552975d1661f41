using CsCheck;
using Gyre.Lab.Dynamics;
using MathNet.Numerics.LinearAlgebra;

namespace Gyre.Tests.Lab.Dynamics;

public class RotationTests
{
    private static readonly VectorErrors Exact = Errors(2, 0);

    private static VectorErrors Errors(int k, double? degrees) => new([.. Enumerable.Repeat(degrees, k)], degrees);

    [Fact]
    public void A_plane_turned_by_a_known_angle_has_the_overlap_of_the_closed_form() =>
        Gen.Double[0, 90]
            .Sample(degrees =>
            {
                // span(e1, e2) against span(e1, cos a e2 + sin a e3): principal angles 0 and a.
                var a = degrees * Math.PI / 180;
                var rotation = Rotation.Between(
                    new double[,]
                    {
                        { 1, 0 },
                        { 0, Math.Cos(a) },
                    },
                    Exact,
                    Exact,
                    3,
                    100
                );
                Assert.Equal((1 + Math.Cos(a) * Math.Cos(a)) / 2, rotation.Overlap, 1e-12);
                Assert.Equal(rotation.Overlap, rotation.OverlapLow, 1e-7);
                Assert.Equal(rotation.Overlap, rotation.OverlapHigh, 1e-7);
                Assert.Equal(Math.Cos(a), rotation.Similarity[1], 1e-12);
                Assert.Equal((0.02, 3), (rotation.Chance, rotation.Lag));
            });

    [Fact]
    public void A_turn_inside_the_space_is_no_rotation_of_the_space_though_every_vector_turns()
    {
        var c = Math.Sqrt(0.5);
        var rotation = Rotation.Between(
            new[,]
            {
                { c, -c },
                { c, c },
            },
            Exact,
            Exact,
            1,
            50
        );
        Assert.Equal(0, rotation.Amount, 1e-12);
        Assert.All(rotation.Similarity, similarity => Assert.Equal(c, similarity, 1e-12));
    }

    [Fact]
    public void Pairs_that_changed_places_are_matched()
    {
        var gram = new[,]
        {
            { 0.0, 0.9, 0.1 },
            { -0.95, 0.05, 0.0 },
            { 0.1, 0.1, -0.99 },
        };
        var rotation = Rotation.Between(gram, Errors(3, 0), Errors(3, 0), 1, 50);
        Assert.Equal([1, 0, 2], rotation.Match);
        Assert.Equal([0.9, 0.95, 0.99], rotation.Matched);
        Assert.Equal([0.0, 0.05, -0.99], rotation.Polarity);
        Assert.Equal([1, 1, -1], Rotation.CarriedSigns(gram));
    }

    [Fact]
    public void The_best_matching_is_best_of_all_permutations() =>
        Gen.Double[0, 1]
            .Array2D[4, 4]
            .Sample(weights =>
            {
                static IEnumerable<int[]> Permutations(int[] left) =>
                    left.Length == 0
                        ?
                        [
                            [],
                        ]
                        : left.SelectMany(first =>
                            Permutations([.. left.Where(i => i != first)]).Select(rest => (int[])[first, .. rest])
                        );
                double Sum(int[] match) => match.Select((column, row) => weights[row, column]).Sum();
                Assert.Equal(Permutations([0, 1, 2, 3]).Max(Sum), Sum(Assignment.Best(weights)), 1e-12);
            });

    [Fact]
    public void Unresolved_vectors_give_the_whole_interval()
    {
        var rotation = Rotation.Between(
            new[,]
            {
                { 0.3, 0 },
                { 0, 0.4 },
            },
            Errors(2, null),
            Exact,
            1,
            50
        );
        Assert.Equal((0.0, 1.0), (rotation.OverlapLow, rotation.OverlapHigh));
        Assert.All(
            rotation.SimilarityLow.Concat(rotation.SimilarityHigh.Select(high => high - 1)),
            bound => Assert.Equal(0, bound)
        );
    }

    [Fact]
    public void The_interval_holds_the_true_overlap_whatever_the_error_within_its_bar() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Double[0.1, 20])
            .Sample(
                (seed, bar) =>
                {
                    const int n = 7,
                        k = 2;
                    var random = new Random(seed);
                    var (first, second) = (Subspace(random, n, k), Subspace(random, n, k));
                    var (seenFirst, seenSecond) = (Disturbed(first, random, bar), Disturbed(second, random, bar));
                    var truth = Overlap(first, second, k);
                    var rotation = Rotation.Between(
                        (seenFirst.Transpose() * seenSecond).ToArray(),
                        Errors(k, bar),
                        Errors(k, bar),
                        1,
                        n
                    );
                    Assert.InRange(truth, rotation.OverlapLow - 1e-9, rotation.OverlapHigh + 1e-9);
                }
            );

    [Fact]
    public void The_two_parameter_network_turns_and_flattens_by_its_closed_forms()
    {
        // L = (xy − 1)²/2 at a minimum: v1 ∝ (y, x), lambda_1 = x² + y²; one step obeys x'² − y'² = (x² − y²)(1 −
        // eta²(xy − 1)²).
        static double[] Leading(double x, double y) => [y / Math.Sqrt(x * x + y * y), x / Math.Sqrt(x * x + y * y)];
        var (a, b) = (Leading(2, 0.5), Leading(1.25, 0.8));
        var dot = a[0] * b[0] + a[1] * b[1];
        var rotation = Rotation.Between(
            new[,]
            {
                { dot },
            },
            Errors(1, 0),
            Errors(1, 0),
            1,
            2
        );
        Assert.Equal(1 - Math.Pow(Math.Cos(Math.Atan2(2, 0.5) - Math.Atan2(1.25, 0.8)), 2), rotation.Amount, 1e-12);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void A_gram_matrix_that_does_not_fit_its_error_bars_is_refused(int bars) =>
        Assert.Throws<ArgumentException>(() => Rotation.Between(new double[2, 2], Errors(bars, 0), Exact, 1, 5));

    private static Matrix<double> Subspace(Random random, int n, int k) =>
        Matrix<double>.Build.Dense(n, k, (_, _) => random.NextDouble() - 0.5).QR().Q.SubMatrix(0, n, 0, k);

    /// <summary>A space whose largest principal angle to the given one is at most so many degrees.</summary>
    private static Matrix<double> Disturbed(Matrix<double> space, Random random, double degrees)
    {
        var (n, k) = (space.RowCount, space.ColumnCount);
        var outside = Subspace(random, n, k);
        outside = (outside - space * (space.Transpose() * outside)).QR().Q.SubMatrix(0, n, 0, k);
        var turned = space.Clone();
        for (var i = 0; i < k; i++)
        {
            var angle = random.NextDouble() * degrees * Math.PI / 180;
            turned.SetColumn(i, Math.Cos(angle) * space.Column(i) + Math.Sin(angle) * outside.Column(i));
        }
        return turned;
    }

    private static double Overlap(Matrix<double> a, Matrix<double> b, int k) =>
        Math.Pow((a.Transpose() * b).FrobeniusNorm(), 2) / k;
}
