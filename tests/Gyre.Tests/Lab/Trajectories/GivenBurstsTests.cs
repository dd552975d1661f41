using Gyre.Lab.Specs;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>Where bursts begin among steps that are given.</summary>
public class GivenBurstsTests
{
    [Theory]
    [InlineData(3, new long[] { 0, 1, 2, 10, 11, 12 }, new[] { 0, 1, 2, 0, 1, 2 }, new[] { 0, 0, 0, 1, 1, 1 })]
    [InlineData(3, new long[] { 0, 10, 20 }, new[] { 0, 0, 0 }, new[] { 0, 1, 2 })]
    [InlineData(3, new long[] { 5, 6, 7, 8, 9 }, new[] { 0, 1, 2, 0, 1 }, new[] { 0, 0, 0, 1, 1 })]
    [InlineData(3, new long[] { 0, 2, 5, 7 }, new[] { 0, 1, 0, 1 }, new[] { 0, 0, 1, 1 })]
    [InlineData(1, new long[] { 0, 1, 2 }, new[] { 0, 0, 0 }, new[] { 0, 1, 2 })]
    public void Steps_one_or_two_apart_are_a_burst(int burst, long[] steps, int[] positions, int[] numbers)
    {
        var bursts = new GivenBursts(burst);
        var places = new List<BurstPlace>();
        foreach (var step in steps)
        {
            places.Add(bursts.GetNext(step));
            Assert.Equal(places[^1], bursts.GetNext(step)); // asking changes nothing
            bursts.Next(step);
        }
        Assert.Equal(positions, places.Select(place => place.Position));
        Assert.Equal(numbers, places.Select(place => place.Number));
    }
}
