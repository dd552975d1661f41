using CsCheck;
using Gyre.Lab.Data;

namespace Gyre.Tests.Lab.Data;

public sealed class SubsetTests
{
    private static readonly int[] FiveOfEach = [.. Enumerable.Range(0, 50).Select(i => (byte)(i * 7 % 10))];

    [Fact]
    public void First_takes_the_first() => Assert.Equal([0, 1, 2, 3], Subset.Choose(FiveOfEach, 4, "first", 10, 99));

    [Fact]
    public void Balanced_subsets_are_ascending_without_repeats_and_as_equal_as_can_be() =>
        Gen.Select(Gen.Int[1, 50], Gen.Long)
            .Sample(
                drawn =>
                {
                    var chosen = Subset.Choose(FiveOfEach, drawn.Item1, "balanced", 10, drawn.Item2);
                    var counts = chosen.CountBy(index => FiveOfEach[index]).ToDictionary();
                    Assert.Equal(chosen.Distinct().Order(), chosen);
                    Assert.Equal(drawn.Item1, chosen.Length);
                    for (byte label = 0; label < 10; label++) // a remainder goes to the lowest classes
                        Assert.Equal(
                            drawn.Item1 / 10 + (label < drawn.Item1 % 10 ? 1 : 0),
                            counts.GetValueOrDefault(label)
                        );
                },
                iter: 500
            );

    /// <summary>
    /// SplitMix64's published first output for state 0 is 0xe220a8397b1dcdaf, whose remainder by 5 is 2; the draws
    /// below were made by hand from its outputs.
    /// </summary>
    [Fact]
    public void The_draw_of_a_seed_is_the_same_on_every_machine()
    {
        int[] oneClass = [0, 0, 0, 0, 0];
        Assert.Equal(ByHand(5, 3, 0), Subset.Choose(oneClass, 3, "balanced", 1, 0));
        Assert.Equal(ByHand(5, 3, 12345), Subset.Choose(oneClass, 3, "balanced", 1, 12345));
    }

    [Fact]
    public void Seeds_draw_different_subsets_whose_overlap_is_that_of_chance()
    {
        var labels = FashionMnist.Shipped().Train.Labels;
        var draws = Enumerable
            .Range(0, 20)
            .Select(seed => Subset.Choose(labels, 1000, "balanced", 10, seed).ToHashSet())
            .ToArray();
        var overlaps = (
            from a in Enumerable.Range(0, 20)
            from b in Enumerable.Range(0, a)
            select draws[a].Count(draws[b].Contains)
        ).ToArray();

        // Each shared count is a sum of ten hypergeometric counts (100 of 500 twice): mean 200, deviation 11.3; 190
        // pairs are well inside six deviations.
        Assert.All(overlaps, shared => Assert.InRange(shared, 200 - 68, 200 + 68));
        Assert.Equal(200, overlaps.Average(), 4.0);
    }

    [Theory]
    [InlineData(51, "balanced", "the training set has only 50")]
    [InlineData(51, "first", "the training set has only 50")]
    [InlineData(10, "blanced", "is not one of balanced, first")]
    public void What_cannot_be_drawn_is_refused(int count, string kind, string says) =>
        Assert.Contains(
            says,
            Assert.Throws<DataException>(() => Subset.Choose(FiveOfEach, count, kind, 10, 0)).Message
        );

    [Fact]
    public void A_class_with_too_few_samples_is_named_with_the_cure()
    {
        var error = Assert.Throws<DataException>(() => Subset.Choose([0, 0, 0, 1], 4, "balanced", 2, 0));

        Assert.Contains("needs 2 samples of class 1, which has 1", error.Message);
        Assert.Contains("data.subset = \"first\"", error.Message);
    }

    private static int[] ByHand(int items, int count, ulong seed)
    {
        var order = Enumerable.Range(0, items).ToList();
        for (var left = items; left > 1; left--)
        {
            var z = seed += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            z ^= z >> 31;
            var taken = (int)(z % (ulong)left);
            (order[left - 1], order[taken]) = (order[taken], order[left - 1]);
        }
        return [.. order.Take(count).Order()];
    }
}
