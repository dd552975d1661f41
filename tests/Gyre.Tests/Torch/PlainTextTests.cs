using System.Text.Json;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

public class PlainTextTests
{
    [Theory]
    [InlineData("plain, ä, λ, 図, 🙂, a\tb\nc", "plain, ä, λ, 図, 🙂, a\tb\nc")]
    [InlineData("\u001b]0;title\u0007\u001b[2J", "\\u001b]0;title\\u0007\\u001b[2J")]
    [InlineData("\u009b31m\u0085\u007f\0", "\\u009b31m\\u0085\\u007f\\u0000")]
    [InlineData("over\rwritten", "over\\u000dwritten")]
    [InlineData("\u202egnp.exe\u2066\u200f", "\\u202egnp.exe\\u2066\\u200f")]
    [InlineData("\uffff\ufeff", "\\uffff\\ufeff")]
    public void What_steers_a_terminal_or_no_XML_can_hold_is_spelled_out(string text, string plain) =>
        Assert.Equal(plain, PlainText.Escape(text));

    [Fact]
    public void Half_of_a_pair_is_spelled_out() =>
        Assert.Equal("half \\ud83d pair", PlainText.Escape("half \ud83d pair"));

    [Fact]
    public void JSON_keeps_its_value_and_shows_nothing_hidden()
    {
        const string Text = "a\u202eb\U000e0041 ä 🙂\u009b";
        var shown = PlainText.Json($"\"{Text}\"\n");
        Assert.Equal("\"a\\u202eb\\udb40\\udc41 ä 🙂\\u009b\"\n", shown);
        Assert.Equal(Text, JsonSerializer.Deserialize<string>(shown));
    }

    [Fact]
    public void On_one_line_line_ends_and_tabs_are_spelled_out_as_well() =>
        Assert.Equal("a\\u000ab\\u0009c", PlainText.Line("a\nb\tc"));
}
