using System.Net;
using System.Net.Sockets;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Serving;

/// <summary>`gyre serve` on a command line.</summary>
public class ServeCommandTests
{
    [Theory]
    [InlineData("not-there", "not-there is not a folder")]
    [InlineData(".", "--port 70000 is not a port", "--port", "70000")]
    [InlineData(".", "--port abc is not a port", "--port", "abc")]
    [InlineData(".", "--bind everywhere is not an address", "--bind", "everywhere")]
    [InlineData(".", "8.8.8.8 port 0 cannot be listened on", "--bind", "8.8.8.8", "--port", "0")]
    [InlineData(".", "0.0.0.1 port 0 cannot be listened on", "--bind", "1", "--port", "0")]
    public void Wrong_input_is_said_in_a_sentence(string folder, string sentence, params string[] more)
    {
        using var place = new TemporaryFolder();
        var (code, _, error) = GyreProcess.RunIn(place.Path, ["serve", folder, .. more]);
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_listed_at_once()
    {
        var (code, _, error) = GyreProcess.Run("serve", "not-there", "--port", "-1", "--bind", "x");
        Assert.Equal(2, code);
        Assert.Equal(3, error.Trim().Split('\n').Length);
    }

    [Fact]
    public void A_port_that_is_taken_is_said_and_the_next_free_one_is_taken_where_none_was_named()
    {
        using var place = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (code, _, error) = GyreProcess.RunIn(place.Path, "serve", "--port", port);
        Assert.Equal(2, code);
        Assert.Contains($"port {port}", error, StringComparison.Ordinal);

        using var first = GyreProcess.StartIn(place.Path, "serve");
        using var second = GyreProcess.StartIn(place.Path, "serve");
        var (one, other) = (first.Wait(@"localhost:(\d+)/"), second.Wait(@"localhost:(\d+)/"));
        Assert.NotEqual(one, other);
        foreach (var process in new[] { first, second })
        {
            GyreProcess.Signal(process.Id, "INT");
            Assert.Equal(0, process.End().ExitCode);
        }
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void It_ends_when_it_is_asked_to(string signal)
    {
        using var place = new TemporaryFolder();
        using var served = GyreProcess.StartIn(place.Path, "serve", "--port", "0");
        served.Wait("(Ctrl-C ends it)");
        GyreProcess.Signal(served.Id, signal);
        Assert.Equal((0, ""), served.End() is var (code, _, error) ? (code, error) : default);
    }

    [Fact]
    public void Beyond_this_machine_the_token_is_in_the_address_that_is_printed()
    {
        using var place = new TemporaryFolder();
        using var served = GyreProcess.StartIn(place.Path, "serve", "--bind", "0.0.0.0", "--port", "0");
        Assert.Equal(32, served.Wait(@"\?token=([0-9a-f]+)").Length);
        served.Wait("(not encrypted)");
    }
}
