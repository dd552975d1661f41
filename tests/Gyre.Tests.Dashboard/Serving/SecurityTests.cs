using System.Net;
using System.Net.Sockets;
using System.Text;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Serving;

/// <summary>Who may ask, what may be asked, and that nothing outside the served folder is ever answered.</summary>
public class SecurityTests
{
    private const string Secret = "the-secret-outside";

    [Theory]
    [InlineData("/run/../secret")]
    [InlineData("/run/..%2fsecret")]
    [InlineData("/run/%2e%2e/secret")]
    [InlineData("/run/%2e%2e%2fsecret%2fspec.toml")]
    [InlineData("/run/..%252fsecret")]
    [InlineData("/run/..%5csecret")]
    [InlineData("/run/..\\secret")]
    [InlineData("/run/runs/one/../../../secret")]
    [InlineData("/run//etc/passwd")]
    [InlineData("/run/%2fetc%2fpasswd")]
    [InlineData("/run/runs/one%00")]
    [InlineData("/run/link")]
    [InlineData("/run/linked/steps.jsonl")]
    [InlineData("/run/linked")]
    [InlineData("/sweep/../secret")]
    [InlineData("/landscape/..%2fsecret")]
    [InlineData("/compare?run=../secret&run=/etc/passwd&run=..%2fsecret")]
    [InlineData("/data/run/../secret?chart=loss")]
    [InlineData("/data/run/..%2fsecret?chart=loss")]
    [InlineData("/data/run/link?chart=loss")]
    [InlineData("/data/run/linked?chart=loss")]
    [InlineData("/data/compare?run=..%2fsecret&chart=loss")]
    [InlineData("/data/run/runs/one?chart=../../secret/spec.toml")]
    [InlineData("/data/../secret/spec.toml")]
    [InlineData("/assets/../secret/spec.toml")]
    [InlineData("/assets/..%2f..%2fsecret%2fspec.toml")]
    [InlineData("/_content/Plotly.Blazor/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/_framework/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/runs/one/spec.toml")]
    [InlineData("/served/runs/one/spec.toml")]
    [InlineData("//etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("/.")]
    [InlineData("/%ff%fe")]
    public async Task Nothing_outside_the_served_folder_is_answered(string path)
    {
        await using var served = await StartAsync();
        var answer = await Raw(served, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.Matches("^HTTP/1.1 (200|301|302|400|404)", answer);
    }

    [Fact]
    public async Task What_is_inside_is_answered()
    {
        await using var served = await StartAsync();
        Assert.Contains(
            "Sharpness against the threshold",
            await served.Client.GetStringAsync("/run/runs/one"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "line,step,loss,low,high\r\n",
            await served.Client.GetStringAsync("/data/run/runs/one?chart=loss"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Plotly",
            (await served.Client.GetStringAsync("/_content/Plotly.Blazor/plotly-3.7.0.min.js"))[..400],
            StringComparison.OrdinalIgnoreCase
        );
        Assert.Contains("--ground", await served.Client.GetStringAsync("/assets/page.css"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("localhost:9000", HttpStatusCode.OK)] // a tunnel's port
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("LOCALHOST", HttpStatusCode.OK)]
    [InlineData("named.example", HttpStatusCode.OK)] // by --host
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example:80", HttpStatusCode.MisdirectedRequest)]
    [InlineData("0.0.0.0", HttpStatusCode.MisdirectedRequest)]
    public async Task Only_names_of_this_machine_are_answered(string host, HttpStatusCode expected)
    {
        await using var served = await StartAsync(options => options with { Hosts = ["named.example"] });
        foreach (var path in new[] { "/", "/data/run/runs/one?chart=loss", "/_blazor/negotiate", "/assets/page.css" })
        {
            var method = path.StartsWith("/_blazor", StringComparison.Ordinal) ? "POST" : "GET";
            var answer = await Raw(
                served,
                $"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            );
            Assert.StartsWith($"HTTP/1.1 {(int)expected}", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://localhost", true)]
    [InlineData("http://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("https://localhost:1", false)]
    public async Task Pages_from_elsewhere_open_no_connection(string origin, bool allowed)
    {
        await using var served = await StartAsync();
        var answer = await Raw(
            served,
            $"GET /_blazor?id=x HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nConnection: "
                + "Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            until: 200
        );
        Assert.Equal(allowed, !answer.StartsWith("HTTP/1.1 403", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PUT", "/")]
    [InlineData("DELETE", "/run/runs/one")]
    [InlineData("POST", "/")]
    [InlineData("POST", "/run/runs/one")]
    [InlineData("PATCH", "/data/run/runs/one?chart=loss")]
    [InlineData("POST", "/data/run/runs/one?chart=loss")]
    [InlineData("TRACE", "/")]
    [InlineData("OPTIONS", "/")]
    [InlineData("MKCOL", "/x")]
    public async Task Only_questions_are_answered(string method, string path)
    {
        await using var served = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/run/runs/one")]
    [InlineData("/assets/page.css")]
    [InlineData("/data/run/runs/one?chart=loss")]
    public async Task Head_is_get_without_the_body(string path)
    {
        await using var served = await StartAsync();
        var answer = await Raw(served, $"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("", answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }

    [Theory]
    [InlineData("/run/runs/none", "There is no run")]
    [InlineData("/sweep/none", "There is no sweep")]
    [InlineData("/landscape/none", "There is no landscape")]
    [InlineData("/data", "")]
    [InlineData("/data/", "")]
    [InlineData("/data/run/none?chart=loss", "")]
    public async Task What_is_not_there_has_the_status_of_it(string path, string words)
    {
        await using var served = await StartAsync();
        using var answer = await served.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(
            words,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Connections_have_a_limit_and_the_page_answers_again_once_they_are_gone()
    {
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var served = await StartAsync(options => options with { Say = said.Enqueue });
        var open = new List<System.Net.Sockets.TcpClient>();
        try
        {
            for (var i = 0; i < 160; i++)
            {
                var client = new System.Net.Sockets.TcpClient();
                open.Add(client);
                await client.ConnectAsync(
                    IPAddress.Loopback,
                    served.Address.Port,
                    TestContext.Current.CancellationToken
                );
            }
            Assert.StartsWith(
                "HTTP/1.1 503",
                await Raw(served, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                StringComparison.Ordinal
            );
            Assert.Contains("More than 128 connections", Assert.Single(said), StringComparison.Ordinal);
            // What is beyond the limit and asks nothing is closed after a second, and nothing else is.
            for (var waited = 0; open.Count(IsClosed) < 160 - 128 && waited < 100; waited++)
                await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.Equal(160 - 128, open.Count(IsClosed));
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }
        Assert.Contains("Gyre", await Again(served), StringComparison.Ordinal);
    }

    /// <summary>Readable without a byte: the other side has closed it.</summary>
    private static bool IsClosed(System.Net.Sockets.TcpClient client) =>
        client.Client.Poll(0, System.Net.Sockets.SelectMode.SelectRead) && client.Available == 0;

    /// <summary>The page, once the server has seen that the others are gone.</summary>
    private static async Task<string> Again(Served served)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await served.Client.GetStringAsync("/");
            }
            catch (HttpRequestException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    [Fact]
    public async Task One_that_reads_nothing_is_let_go()
    {
        await using var served = await StartAsync(options => options with { LeastReading = 2e6 });
        using var client = new System.Net.Sockets.TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, served.Address.Port, TestContext.Current.CancellationToken);
        var page = string.Concat(
            Enumerable.Repeat("GET /_framework/blazor.web.js HTTP/1.1\r\nHost: localhost\r\n\r\n", 100)
        );
        await client
            .GetStream()
            .WriteAsync(System.Text.Encoding.ASCII.GetBytes(page), TestContext.Current.CancellationToken);
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (!IsReset(client) && waited.Elapsed < TimeSpan.FromSeconds(60))
            await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.True(IsReset(client), "the connection is still open");
    }

    /// <summary>The other side takes no more: what was sent to it came back as a reset.</summary>
    private static bool IsReset(System.Net.Sockets.TcpClient client)
    {
        try
        {
            client.Client.Send("\r\n"u8);
            return false;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return true;
        }
    }

    [Theory]
    [InlineData("99999")]
    [InlineData("99999999999999")]
    [InlineData("4294967296")]
    public async Task A_port_beyond_all_ports_is_a_bad_request(string port)
    {
        await using var served = await StartAsync(options => options with { Token = true });
        var answer = await Raw(served, $"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("///evil.example/")]
    [InlineData("/%5Cevil.example/")]
    [InlineData("/javascript:alert(1)")]
    public async Task No_address_leads_off_the_site(string path)
    {
        await using var served = await StartAsync(options => options with { Token = true });
        var token = served.Address.Query["?token=".Length..];
        var entered = await Raw(
            served,
            $"GET {path}?token={token} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        var location = entered.Split("\r\n").Single(line => line.StartsWith("Location: ", StringComparison.Ordinal))[
            "Location: ".Length..
        ];
        Assert.Equal("localhost", new Uri(new Uri("http://localhost/"), location).Host);

        await using var open = await StartAsync();
        var page = await Raw(open, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        foreach (
            System.Text.RegularExpressions.Match skip in System.Text.RegularExpressions.Regex.Matches(
                page,
                "class=\"skip\" href=\"([^\"]*)\""
            )
        )
        {
            var to = new Uri(new Uri("http://localhost/"), skip.Groups[1].Value);
            Assert.Equal(("http", "localhost"), (to.Scheme, to.Host));
        }
    }

    [Fact]
    public async Task Any_address_of_this_machine_answers_by_its_own_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have one loopback address");
        await using var served = await StartAsync(options =>
            options with
            {
                Address = IPAddress.Parse("127.0.0.2"),
                Token = false,
            }
        );
        Assert.Equal("127.0.0.2", served.Address.Host);
        Assert.Contains("Gyre", await served.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/run/runs/one")]
    [InlineData("/nothing/here")]
    [InlineData("/assets/page.css")]
    [InlineData("/data/run/runs/one?chart=loss")]
    public async Task Every_answer_forbids_scripts_and_frames_from_elsewhere(string path)
    {
        await using var served = await StartAsync();
        using var answer = await served.Client.GetAsync(path, TestContext.Current.CancellationToken);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Beyond_this_machine_a_token_is_needed()
    {
        await using var served = await StartAsync(options => options with { Address = IPAddress.Any });
        var token = served.Address.Query["?token=".Length..];
        Assert.Equal(32, token.Length);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{served.Address.Port}"),
        };
        foreach (
            var path in new[]
            {
                "/",
                "/run/runs/one",
                "/data/run/runs/one?chart=loss",
                "/assets/page.css",
                "/_blazor",
                "/?token=",
                $"/?token={token[..31]}{(token[31] == '0' ? '1' : '0')}",
                $"/?token={token}x",
            }
        )
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode
            );

        using var entered = await client.GetAsync(
            $"/run/runs/one?axis=time&token={token}",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal("/run/runs/one?axis=time", entered.Headers.Location!.OriginalString);
        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        using var again = new HttpRequestMessage(HttpMethod.Get, "/run/runs/one");
        again.Headers.Add("Cookie", cookie.Split(';')[0]);
        Assert.Equal(
            HttpStatusCode.OK,
            (await client.SendAsync(again, TestContext.Current.CancellationToken)).StatusCode
        );
        using var wrong = new HttpRequestMessage(HttpMethod.Get, "/run/runs/one");
        wrong.Headers.Add("Cookie", cookie.Split('=')[0] + "=" + new string('0', 32));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await client.SendAsync(wrong, TestContext.Current.CancellationToken)).StatusCode
        );
    }

    [Fact]
    public async Task This_machine_alone_needs_no_token_unless_it_is_asked_for()
    {
        await using var open = await StartAsync();
        Assert.Equal("", open.Address.Query);
        await using var closed = await StartAsync(options => options with { Token = true });
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await closed.Client.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode
        );
        Assert.NotEqual("", closed.Address.Query);
    }

    [Fact]
    public async Task Nothing_is_written_into_the_served_folder()
    {
        await using var served = await StartAsync();
        var before = Contents(served.Folder.Path);
        foreach (
            var path in new[]
            {
                "/",
                "/run/runs/one",
                "/compare?run=runs/one",
                "/data/run/runs/one?chart=sharpness",
                "/theory",
            }
        )
            await served.Client.GetStringAsync(path);
        Assert.Equal(before, Contents(served.Folder.Path));
    }

    [Fact]
    public async Task Names_and_texts_of_a_run_are_text_and_no_markup()
    {
        const string Evil = "<script>alert(1)</script><img src=x onerror=alert(2)>";
        await using var served = await StartAsync();
        var spec = served.Folder["served/runs/one/spec.toml"];
        File.WriteAllText(
            spec,
            File.ReadAllText(spec)
                .Replace("name = \"quick\"", $"name = \"{Evil}\"", StringComparison.Ordinal)
                .Replace("tags = \"\"", $"tags = \"{Evil}\"", StringComparison.Ordinal)
        );
        Directory.CreateDirectory(served.Folder[$"served/runs/<b onclick=alert(3)>"]);
        File.Copy(spec, served.Folder[$"served/runs/<b onclick=alert(3)>/spec.toml"]);
        foreach (
            var path in new[]
            {
                "/",
                "/run/runs/one",
                "/compare?run=runs/one",
                $"/run/{Uri.EscapeDataString(Evil)}",
                $"/compare?run={Uri.EscapeDataString(Evil)}",
                $"/?q={Uri.EscapeDataString(Evil)}",
            }
        )
        {
            using var answer = await served.Client.GetAsync(path, TestContext.Current.CancellationToken);
            var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains("</html>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<b onclick", page, StringComparison.Ordinal);
        }
    }

    private static Task<Served> StartAsync(
        Func<Gyre.Dashboard.Serving.ServeOptions, Gyre.Dashboard.Serving.ServeOptions>? with = null
    ) =>
        Served.StartAsync(
            folder =>
            {
                SyntheticFolder.Write(folder["served/runs/one"], SyntheticRun.Usual(30));
                SyntheticFolder.Write(folder["secret"], SyntheticRun.Usual(30), $"name={Secret}");
                Directory.CreateSymbolicLink(folder["served/link"], folder["secret"]);
                SyntheticFolder.Write(folder["served/linked"], SyntheticRun.Usual(30));
                File.Delete(folder["served/linked/spec.toml"]);
                File.CreateSymbolicLink(folder["served/linked/spec.toml"], folder["secret/spec.toml"]);
            },
            with
        );

    private static string[] Contents(string folder) =>
        [
            .. Directory
                .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path => $"{path} {(File.Exists(path) ? File.GetLastWriteTimeUtc(path).Ticks : 0)}"),
        ];

    /// <summary>Sends bytes as they are: a client of any library would tidy the address first.</summary>
    private static async Task<string> Raw(Served served, string request, int until = int.MaxValue)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(
            IPAddress.Loopback,
            served.Client.BaseAddress!.Port,
            TestContext.Current.CancellationToken
        );
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        var (answer, bytes) = (new StringBuilder(), new byte[65536]);
        for (
            int read;
            answer.Length < until && (read = await stream.ReadAsync(bytes, TestContext.Current.CancellationToken)) > 0;

        )
            answer.Append(Encoding.UTF8.GetString(bytes, 0, read));
        return answer.ToString();
    }
}
