using Gyre.Lab.Data;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Data;

/// <summary>What never changes is told by the values themselves: a computed deviation has rounding in it.</summary>
public class NumberScaleTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(14.62)]
    [InlineData(1.0 / 3)]
    [InlineData(-1e-300)]
    [InlineData(1e300)]
    public void A_feature_that_never_changes_is_0_whatever_its_value_also_where_it_changes_elsewhere(double constant)
    {
        var rows = Rows([2], Enumerable.Range(0, 60).Select(i => new[] { constant, i }));
        var scale = NumberScale.Fit(rows, [.. Enumerable.Range(0, 60)]);
        Assert.Equal((0, 0, 0), (scale.Apply(constant, 0), scale.Apply(constant * 1.5, 0), scale.Apply(7, 0)));
        // the deviation of 0 to n − 1 is √((n² − 1)/12)
        Assert.Equal(-29.5 / Math.Sqrt((60 * 60 - 1) / 12.0), scale.Apply(0, 1), 1e-14);
    }

    [Fact]
    public void So_is_a_channel_of_arrays_and_a_feature_that_changes_by_one_rounding_is_none_of_them()
    {
        var channels = Rows([2, 1, 3], Enumerable.Range(0, 7).Select(i => new[] { 0.1, 0.1, 0.1, i, 0, 0 }));
        var pictures = NumberScale.Fit(channels, [.. Enumerable.Range(0, 7)]);
        Assert.Equal([0, 0, 0], new[] { pictures.Apply(0.1, 0), pictures.Apply(5, 1), pictures.Apply(0.1, 2) });
        Assert.NotEqual(0, pictures.Apply(5, 3));
        var bit = NumberScale.Fit(
            Rows(
                [1],
                [
                    [0.1],
                    [Math.BitIncrement(0.1)],
                    [0.1],
                ]
            ),
            [0, 1, 2]
        );
        Assert.NotEqual(bit.Apply(0.1, 0), bit.Apply(Math.BitIncrement(0.1), 0));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(14.62)]
    public void Constants_alone_are_nothing_to_learn_from(double constant)
    {
        foreach (var shape in new int[][] { [4], [2, 2], [1, 2, 2] })
        {
            var rows = Rows(
                shape,
                Enumerable.Range(0, 13).Select(_ => new[] { constant, constant, constant, constant })
            );
            Says("is the same", Refused(() => NumberScale.Fit(rows, [.. Enumerable.Range(0, 13)])));
        }
    }

    /// <summary>A deviation of 0 or of infinity would make every number 0 or infinite.</summary>
    [Theory]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    [InlineData(double.MaxValue)]
    public void A_deviation_that_float64_cannot_hold_is_refused(double size) =>
        Says(
            "Feature 0",
            Refused(() =>
                NumberScale.Fit(
                    Rows(
                        [2],
                        [
                            [size, 1],
                            [-size, 2],
                            [0, 3],
                        ]
                    ),
                    [0, 1, 2]
                )
            )
        );

    [Fact]
    public void Without_standardising_one_sample_or_samples_that_are_the_same_are_taken_as_they_are()
    {
        using var scope = NewDisposeScope();
        foreach (
            var rows in new double[][][]
            {
                [
                    [3, 0.1],
                ],
                [
                    [3, 0.1],
                    [3, 0.1],
                ],
            }
        )
        {
            using var data = Load(rows, standardise: false, ScalarType.Float64);
            Assert.Equal(rows.SelectMany(row => row), data.Train.Chunk(0).Inputs.data<double>().ToArray());
            Assert.Throws<DataException>(() => Load(rows, standardise: true, ScalarType.Float64));
        }
    }

    [Fact]
    public void A_number_beyond_float32_is_refused_where_float32_is_trained_on()
    {
        Says(
            "Sample 1 has 1E+300 as value 0",
            Refused(() =>
                Load(
                    [
                        [1, 2],
                        [1e300, 3],
                    ],
                    standardise: false,
                    ScalarType.Float32
                )
            )
        );
        Load(
                [
                    [1, 2],
                    [1e300, 3],
                ],
                standardise: false,
                ScalarType.Float64
            )
            .Dispose();
        Says(
            "Sample 1 has NaN",
            Refused(() =>
                Load(
                    [
                        [1, 2],
                        [double.NaN, 3],
                    ],
                    standardise: false,
                    ScalarType.Float64
                )
            )
        );
    }

    [Fact]
    public void More_of_a_balanced_subset_than_there_are_says_how_many_there_can_be()
    {
        int[] labels = [.. Enumerable.Repeat(0, 5), .. Enumerable.Repeat(1, 3), .. Enumerable.Repeat(2, 9)];
        Assert.Equal(10, Subset.Choose(labels, 10, "balanced", 3, 1).Length); // 4 + 3 + 3
        Says("data.samples to at most 10", Refused(() => Subset.Choose(labels, 11, "balanced", 3, 1))); // 4 + 4 + 3
        Says("Set data.subset = \"first\"", Refused(() => Subset.Choose([1, 1, 2], 3, "balanced", 3, 1)));
    }

    private static string Refused(Func<object> read) => Assert.Throws<DataException>(read).Message;

    private static void Says(string said, string text) => Assert.Contains(said, text, StringComparison.Ordinal);

    private static TrainingData Load(double[][] rows, bool standardise, ScalarType dtype) =>
        TrainingData.Create(
            new NumberSet(
                "arrays",
                0,
                Rows([2], rows) with
                {
                    Values = [.. rows.Select((_, i) => (double)i)],
                },
                null,
                "here"
            ),
            new DataRequest("") { Standardise = standardise, Layout = new(1000, long.MaxValue, dtype, CPU) }
        );

    private static NumberPart Rows(int[] shape, IEnumerable<double[]> rows) =>
        new(
            new MemoryNumbers([.. rows.SelectMany(row => row)], shape.Aggregate(1, (product, size) => product * size)),
            shape,
            null,
            null
        );
}
