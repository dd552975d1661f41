using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class CensoredRanksTests
{
    [Fact]
    public void Without_bounds_they_are_twice_the_ranks_ties_shared() =>
        Assert.Equal([2, 4, 7, 7], CensoredRanks.Doubled([1, 2, 3, 3], [false, false, false, false]));

    [Theory]
    [InlineData(1, true, 2, false, new[] { 3, 3 })] // a bound below a known number: the order is open
    [InlineData(2, true, 1, false, new[] { 4, 2 })] // a bound above a known number: it is certain
    [InlineData(1, false, 2, true, new[] { 2, 4 })]
    [InlineData(1, true, 2, true, new[] { 3, 3 })]
    public void A_pair_whose_order_is_open_shares_its_places(
        double one,
        bool bound,
        double other,
        bool otherBound,
        int[] ranks
    ) => Assert.Equal(ranks, CensoredRanks.Doubled([one, other], [bound, otherBound]));

    [Fact]
    public void Every_pair_hands_out_two_places_whatever_is_known_of_it()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var values = Enumerable.Range(0, 6).Select(_ => (double)random.Next(4)).ToArray();
            var bounds = values.Select(_ => random.Next(2) == 0).ToArray();
            Assert.Equal(6 * 7, CensoredRanks.Doubled(values, bounds).Sum());
        }
    }

    [Fact]
    public void What_is_not_a_number_is_refused() =>
        Assert.Throws<ArgumentException>(() => CensoredRanks.Doubled([1, double.NaN], [false, false]));
}
