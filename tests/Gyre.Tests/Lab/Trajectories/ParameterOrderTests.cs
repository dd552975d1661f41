using Gyre.Lab.Trajectories;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>Indices of an optimizer's groups, by the network's order and by shapes.</summary>
public class ParameterOrderTests
{
    private static readonly long[] Matrix = [3, 3];
    private static readonly long[] Bias = [3];

    [Fact]
    public void One_group_is_in_the_networks_order() =>
        Assert.Equal(
            [
                [0, 1, 2],
            ],
            ParameterOrder.TryFind(
                [
                    [Matrix, Bias, Bias],
                ],
                [Matrix, Bias, Bias]
            )
        );

    [Fact]
    public void Weights_and_biases_in_two_groups_are_told_by_their_shapes() =>
        Assert.Equal(
            [
                [0, 2, 4],
                [1, 3],
            ],
            ParameterOrder.TryFind(
                [
                    [Matrix, Matrix, Matrix],
                    [Bias, Bias],
                ],
                [Matrix, Bias, Matrix, Bias, Matrix]
            )
        );

    [Fact]
    public void Two_ways_that_fit_are_no_answer() =>
        Assert.Null(
            ParameterOrder.TryFind(
                [
                    [Matrix],
                    [Matrix],
                ],
                [Matrix, Matrix]
            )
        );

    [Fact]
    public void A_shape_that_is_not_known_fits_anything() =>
        Assert.Equal(
            [
                [0, 1],
            ],
            ParameterOrder.TryFind(
                [
                    [null, Bias],
                ],
                [Matrix, Bias]
            )
        );

    [Fact]
    public void Other_shapes_and_other_counts_are_of_another_network()
    {
        Assert.Null(
            ParameterOrder.TryFind(
                [
                    [Matrix, Matrix],
                ],
                [Matrix, Bias]
            )
        );
        Assert.Null(
            ParameterOrder.TryFind(
                [
                    [Matrix],
                ],
                [Matrix, Bias]
            )
        );
    }

    [Fact]
    public void A_large_network_in_two_groups_takes_no_time()
    {
        var network = Enumerable.Range(0, 800).Select(i => (IReadOnlyList<long>)(i % 2 == 0 ? Matrix : Bias)).ToArray();
        var weights = Enumerable.Repeat((IReadOnlyList<long>?)Matrix, 400).ToArray();
        var biases = Enumerable.Repeat((IReadOnlyList<long>?)Bias, 400).ToArray();
        Assert.Equal(798, ParameterOrder.TryFind([weights, biases], network)![0][^1]);
    }
}
