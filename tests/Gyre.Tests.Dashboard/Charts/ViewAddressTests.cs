using Gyre.Dashboard.Charts;

namespace Gyre.Tests.Dashboard.Charts;

/// <summary>Addresses say what is shown, and nothing is lost on the way.</summary>
public class ViewAddressTests
{
    [Theory]
    [InlineData("run/runs/quick-01")]
    [InlineData("run/a%20b/c%25?x=1%262&x=3&empty=")]
    [InlineData("compare?run=runs%2Fa&run=runs%2Fb")]
    [InlineData("run/%C3%A4%3Cb%3E?q=%22")]
    [InlineData("")]
    public void An_address_that_is_read_is_written_as_it_was(string address) =>
        Assert.Equal(address, ViewAddress.Parse(address).ToString());

    [Fact]
    public void Its_parts_are_the_view_the_key_and_the_values()
    {
        var address = ViewAddress.Parse("run/runs/my%20run?axis=time&from=1e3&to=x#here");
        Assert.Equal(("run", "runs/my run", "time"), (address.View, address.Key, address["axis"]));
        Assert.Equal(new Window(1000, null), address.Window);
        Assert.Null(address["none"]);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e999")]
    [InlineData("abc")]
    [InlineData("")]
    public void What_is_no_number_is_none(string text) =>
        Assert.Null(ViewAddress.Parse($"run/a?from={text}").Number("from"));

    [Fact]
    public void A_chart_in_the_list_of_scales_has_the_other_one()
    {
        var (loss, rate) = (
            new Chart("loss", "", "", "", []) { Logarithmic = true },
            new Chart("rate", "", "", "", [])
        );
        var address = ViewAddress.Parse("run/a");
        Assert.True(address.Logarithmic(loss));
        Assert.False(address.Logarithmic(rate));
        var other = address.Rescaled(loss).Rescaled(rate);
        Assert.False(other.Logarithmic(loss));
        Assert.True(other.Logarithmic(rate));
        Assert.Equal(address.ToString(), other.Rescaled(loss).Rescaled(rate).ToString());
    }
}
