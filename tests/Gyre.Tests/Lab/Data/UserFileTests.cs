using System.Diagnostics;
using System.Net.Sockets;
using Gyre.Lab.Data;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Data;

/// <summary>Only regular files of a bounded size are opened, and nothing of them steers a terminal.</summary>
public sealed class UserFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_regular_file_is_read_whole_also_by_a_link()
    {
        File.WriteAllBytes(_folder["file"], [1, 2, 3]);
        File.CreateSymbolicLink(_folder["link"], _folder["file"]);
        Assert.Equal([1, 2, 3], UserFile.Bytes(_folder["file"], 3));
        Assert.Equal([1, 2, 3], UserFile.Bytes(_folder["link"], 3));
    }

    [Fact]
    public void A_file_larger_than_its_kind_may_be_is_refused_with_both_numbers()
    {
        File.WriteAllBytes(_folder["file"], new byte[2001]);
        var said = Refused(() => UserFile.Bytes(_folder["file"], 2000));
        Says("has 2,001 bytes; files of this kind have at most 2,000", said);
        Assert.StartsWith(_folder["file"], said, StringComparison.Ordinal);
    }

    /// <summary>A file of /proc says that it has 0 bytes.</summary>
    [Fact]
    public void A_file_that_grows_while_it_is_read_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        Says("at most 10", Refused(() => UserFile.Bytes("/proc/self/status", 10)));
    }

    [Fact]
    public void What_is_no_regular_file_is_named_and_not_opened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes and devices with paths");
        using (var made = Process.Start("mkfifo", _folder["pipe"]))
            made.WaitForExit();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["socket"]));
        File.CreateSymbolicLink(_folder["link"], _folder["pipe"]);

        Says("pipe is a named pipe, not a regular file", Refused(() => UserFile.Open(_folder["pipe"])));
        Says("link is a named pipe", Refused(() => UserFile.Open(_folder["link"])));
        Says("socket is a socket", Refused(() => UserFile.Open(_folder["socket"])));
        Says("/dev/zero is a device", Refused(() => UserFile.Open("/dev/zero")));
        Says("is a folder", Refused(() => UserFile.Open(_folder.Path)));
        Says("does not exist", Refused(() => UserFile.Open(_folder["nothing"])));
    }

    [Theory]
    [InlineData("plain, ü and 🦆", "plain, ü and 🦆")]
    [InlineData("\u001b]0;title\u0007\u001b[2J", "\\u001b]0;title\\u0007\\u001b[2J")]
    [InlineData("\u009b2J\r\n", "\\u009b2J\\u000d\\u000a")]
    [InlineData(
        "right \u202e to left, \ufeff mark, tag \U000e0041",
        "right \\u202e to left, \\ufeff mark, tag \\U000e0041"
    )]
    public void Characters_that_cannot_be_seen_are_shown_by_their_numbers(string text, string shown) =>
        Assert.Equal(shown, UserFile.Shown(text));

    [Fact]
    public void Long_text_is_cut_between_characters()
    {
        Assert.Equal("\ufffd", UserFile.Shown("🦆"[..1])); // half a pair
        Assert.Equal("🦆🦆… (3 letters)", UserFile.Shown("🦆🦆🦆", 2));
        Assert.Equal("🦆🦆🦆", UserFile.Shown("🦆🦆🦆", 3));
        Assert.Equal("\"a\", \"b, c\"", UserFile.Names(["a", "b, c"]));
        Assert.Equal(
            "\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\" and 999992 more",
            UserFile.Names([.. Enumerable.Range(0, 1_000_000).Select(i => $"{i}")])
        );
    }

    [Fact]
    public void Every_message_on_data_is_short_and_keeps_its_end()
    {
        var message = new DataException(
            $"The cell {new string('x', 1_000_000)}\u001b[2J is no number.\nMend it."
        ).Message;
        Assert.InRange(message.Length, 100, 1000);
        Assert.EndsWith("\\u001b[2J is no number.\nMend it.", message, StringComparison.Ordinal);
    }

    private static void Says(string said, string text) => Assert.Contains(said, text, StringComparison.Ordinal);

    private static string Refused(Func<object> read) => Assert.Throws<DataException>(read).Message;
}
