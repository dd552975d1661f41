namespace Gyre.Lab.Data;

/// <summary>
/// Two interleaved half circles with normal noise, a class each: the usual picture of data that no line separates.
/// </summary>
internal static class TwoMoons
{
    private const int TestSamples = 1000;

    /// <summary>
    /// So many samples as the request asks for (1,000 where it asks for all), classes in turn, and 1,000 to test; by
    /// its seed.
    /// </summary>
    public static NumberSet Make(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var draw = new SplitMix((ulong)request.Seed);
        var count = request.Samples == 0 ? TestSamples : request.Samples;
        return new NumberSet(
            "two-moons",
            2,
            Part(count, request.Noise, draw),
            Part(TestSamples, request.Noise, draw),
            "made by the program"
        )
        {
            FeatureNames = ["x", "y"],
        };
    }

    private static NumberPart Part(int count, double noise, SplitMix draw)
    {
        var (places, labels) = (new double[2 * count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            labels[i] = i % 2;
            var angle = Math.PI * draw.Uniform();
            var (x, y) =
                labels[i] == 0 ? (Math.Cos(angle), Math.Sin(angle)) : (1 - Math.Cos(angle), 0.5 - Math.Sin(angle));
            (places[2 * i], places[2 * i + 1]) = (x + noise * draw.Normal(), y + noise * draw.Normal());
        }
        return new NumberPart(new MemoryNumbers(places, 2), [2], labels, null);
    }
}
