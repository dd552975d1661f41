using Gyre.Lab.Mpi;

namespace Gyre.Tests.Lab.Mpi;

/// <summary>How ranks agree, and how they find out that they have gone apart.</summary>
public class RankGroupTests
{
    [Fact]
    public void All_agree_on_the_largest_of_each_number()
    {
        for (var count = 1; count <= 9; count++)
        {
            var agreed = FakeRanks.All(count, group => group.Agree(group.Rank, -group.Rank, group.Rank == 1 ? 7 : 0));
            Assert.All(agreed, one => Assert.Equal([count - 1, 0, count > 1 ? 7 : 0], one));
        }
    }

    [Fact]
    public void What_fails_on_some_ends_all_and_the_first_of_them_says_why()
    {
        var ends = FakeRanks.All(
            5,
            group =>
            {
                try
                {
                    return group
                        .RunTogether(() =>
                            group.Rank is 2 or 3 ? throw new InvalidDataException($"here, on {group.Rank}") : group.Rank
                        )
                        .ToString(System.Globalization.CultureInfo.InvariantCulture);
                }
                catch (FailedElsewhereException error)
                {
                    return error.Message;
                }
                catch (InvalidDataException error)
                {
                    Assert.Same(error, group.Agreed);
                    return error.Message;
                }
            }
        );
        Assert.Equal(
            ["Rank 2 has failed.", "Rank 2 has failed.", "here, on 2", "Rank 2 has failed.", "Rank 2 has failed."],
            ends
        );
    }

    [Fact]
    public void What_succeeds_everywhere_gives_each_its_own() =>
        Assert.Equal([0, 10, 20], FakeRanks.All(3, group => group.RunTogether(() => 10 * group.Rank)));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_rank_that_holds_other_numbers_is_found_out(int count)
    {
        var found = FakeRanks.All(
            count,
            group =>
            {
                try
                {
                    foreach (var merge in group.Begin(count).Merges)
                        group.Meet(merge, group.Rank == count - 1 ? 1 : 0, []);
                    return false;
                }
                catch (RankGroupException error)
                {
                    Assert.True(error.Failed);
                    Assert.Contains("no longer have the same numbers", error.Message, StringComparison.Ordinal);
                    // Whoever waited for this rank would wait for ever; in a run it ends them.
                    return true;
                }
            },
            quiet: true
        );
        Assert.True(found[count - 1]);
    }

    [Fact]
    public void Ranks_at_different_sums_are_found_out()
    {
        var found = FakeRanks.All(
            2,
            group =>
            {
                if (group.Rank == 1)
                    group.Begin(2);
                var error = Assert.Throws<RankGroupException>(() => group.Agree(1));
                return error.Message.Contains("different places", StringComparison.Ordinal);
            }
        );
        Assert.Equal([true, true], found);
    }

    [Fact]
    public void A_process_alone_agrees_with_itself_and_keeps_its_failures()
    {
        Assert.Equal([3, 4], RankGroup.Alone.Agree(3, 4));
        Assert.Throws<InvalidDataException>(() =>
            RankGroup.Alone.RunTogether<int>(() => throw new InvalidDataException())
        );
        Assert.Throws<InvalidDataException>(() => RankGroup.Alone.Succeed(new InvalidDataException()));
        RankGroup.Alone.Succeed(null);
    }
}
