using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

/// <summary>The one style of numbers for people.</summary>
public class NumberTextTests
{
    [Theory]
    [InlineData(0.012345, 3, "0.0123")]
    [InlineData(-0.012345, 3, "−0.0123")]
    [InlineData(12345.6, 3, "12346")]
    [InlineData(99999.4, 3, "99999")]
    [InlineData(1234567, 3, "1.23e6")]
    [InlineData(1.2345e-5, 2, "1.2e−5")]
    [InlineData(-1e-12, 2, "−1e−12")]
    [InlineData(1e300, 4, "1e300")]
    [InlineData(0.0, 4, "0")]
    [InlineData(0.00001, 4, "1e−5")]
    [InlineData(999.96, 4, "1000")]
    [InlineData(double.NaN, 4, "—")]
    [InlineData(double.PositiveInfinity, 4, "—")]
    public void Digits_and_exponents_have_one_form(double value, int digits, string text) =>
        Assert.Equal(text, NumberText.Format(value, digits));

    [Fact]
    public void Zero_has_no_sign() => Assert.Equal("0", NumberText.Format(-1.0 * 0, 4));

    [Fact]
    public void A_missing_number_is_a_dash() => Assert.Equal("—", NumberText.Format((double?)null, 4));

    [Theory]
    [InlineData(1.48e-10, "1.5e−10")]
    [InlineData(0.0002, "0.0002")]
    [InlineData(0.0417, "0.042")]
    [InlineData(1, "1")]
    public void P_values_have_two_digits(double value, string text) => Assert.Equal(text, NumberText.PValue(value));

    [Theory]
    [InlineData(-0.004, 2, "0.00")]
    [InlineData(-0.006, 2, "−0.01")]
    [InlineData(1.25, 0, "1")]
    public void Nothing_rounds_to_minus_zero(double value, int decimals, string text) =>
        Assert.Equal(text, NumberText.Fixed(value, decimals));

    [Fact]
    public void Differences_of_percentages_have_signs_and_points() =>
        Assert.Equal("−0.98 points [−4.37, +2.42]", NumberText.Points(new(-0.977, -4.37, 2.42, 8, "t")));

    [Theory]
    [InlineData(new[] { 3.0, 3.0 }, "3")]
    [InlineData(new[] { 0.05, 12345.0 }, "0.05–12345")]
    public void A_range_of_one_value_is_that_value(double[] values, string text) =>
        Assert.Equal(text, NumberText.Range(values));
}
