using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class PercentTests
{
    [Theory]
    [InlineData(0, "0.0 %")]
    [InlineData(1, "100.0 %")]
    [InlineData(0.125, "12.5 %")]
    [InlineData(0.0005, "0.05 %")]
    [InlineData(0.0004, "0.04 %")]
    [InlineData(0.00001, "0.001 %")]
    [InlineData(0.9996, "99.96 %")]
    [InlineData(double.NaN, "—")]
    public void A_share_is_0_or_100_percent_only_where_it_is(double share, string words) =>
        Assert.Equal(words, Percent.Format(share));
}
