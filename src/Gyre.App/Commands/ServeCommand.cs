using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.App.Terminal;
using Gyre.Dashboard.Serving;
using Gyre.Lab.RunFiles;
using Gyre.Torch;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre serve`.</summary>
internal sealed class ServeSettings : GyreSettings
{
    [CommandArgument(0, "[DIR]")]
    [Description(
        "Folder whose runs, sweeps and landscapes are shown, including folders below it. Default: the " + "current one"
    )]
    public string Folder { get; init; } = ".";

    [CommandOption("--port <PORT>")]
    [Description("Port, 0 to 65535; 0 for any free port. Default: 8750, or the next free one")]
    public string? Port { get; init; }

    [CommandOption("--bind <ADDRESS>")]
    [Description(
        "Address to listen on, such as 0.0.0.0 for all; the page then requires the printed token. "
            + "Default: this machine only"
    )]
    public string? Bind { get; init; }

    [CommandOption("--host <NAME>")]
    [Description("Another host name of this machine that browsers may use. May be repeated")]
    public string[] Hosts { get; init; } = [];

    [CommandOption("--token")]
    [Description("Require a token on this machine, too, for machines with other users")]
    public bool Token { get; init; }
}

/// <summary>`gyre serve`: the live page, until Ctrl-C.</summary>
internal sealed class ServeCommand(StopSignals signals) : Command<ServeSettings>
{
    private const int UsualPort = 8750;
    private const int FurtherPorts = 20;

    public override int Execute(CommandContext context, ServeSettings settings, CancellationToken stop)
    {
        var options = Options(settings);
        LowerPriority();
        signals.Listen(PosixSignal.SIGTERM);
        return Serve(options, stop).GetAwaiter().GetResult();
    }

    private static async Task<int> Serve(ServeOptions options, CancellationToken stop)
    {
        DashboardServer server;
        try
        {
            server = await DashboardServer.StartAsync(options).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new RunFolderException(Unavailable(options, error.InnerException ?? error), error);
        }
        await using (server.ConfigureAwait(false))
        {
            Console.WriteLine($"Serving {PlainText.Line(options.Folder)} at {server.Address}");
            if (!IPAddress.IsLoopback(options.Address))
                Console.WriteLine(
                    "Anyone with this address can see the runs: the connection is not encrypted. For an SSH "
                        + "tunnel, use ssh -L 8750:localhost:8750 this-machine, and gyre serve without --bind."
                );
            Console.WriteLine("Ctrl-C ends it; nothing is written.");
            await server.WaitAsync(stop).ConfigureAwait(false);
        }
        return Exit.Done;
    }

    private static string Unavailable(ServeOptions options, Exception error)
    {
        const string OfAddress = "Give --bind an address of this machine, or 0.0.0.0 for all of them";
        const string OfPort = "Choose another with --port, or 0 for any free one";
        var isAddress =
            error is SocketException
            {
                SocketErrorCode: SocketError.AddressNotAvailable or SocketError.InvalidArgument
            };
        return $"{options.Address} port {options.Port} cannot be listened on: {error.Message.TrimEnd('.')}. "
            + $"{(isAddress ? OfAddress : OfPort)}.";
    }

    private static bool IsHostName(string host) => Uri.CheckHostName(host.Trim('[', ']')) != UriHostNameType.Unknown;

    /// <summary>Whether the address is that of a multicast group, which no browser can connect to.</summary>
    private static bool IsMulticast(IPAddress address) =>
        address.IsIPv6Multicast
        || address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240;

    private static ServeOptions Options(ServeSettings settings)
    {
        var mistakes = new Mistakes();
        var folder = Path.GetFullPath(settings.Folder);
        if (!Directory.Exists(folder))
            mistakes.Add($"{settings.Folder} is not a folder. Give one that contains runs, such as runs.");
        var port = UsualPort;
        if (
            settings.Port is { } given
            && !(
                int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port <= IPEndPoint.MaxPort
            )
        )
            mistakes.Add($"--port {given} is not a port: 0 to {IPEndPoint.MaxPort}.");
        var address = IPAddress.Loopback;
        if (settings.Bind is { } bind && !IPAddress.TryParse(bind, out address))
            mistakes.Add($"--bind {bind} is not an address: 0.0.0.0 for all of this machine's, or one of them.");
        else if (IsMulticast(address!))
            mistakes.Add(
                $"--bind {address} is a multicast address, which browsers cannot open. Give one of this "
                    + "machine's, or 0.0.0.0 for all."
            );
        foreach (var host in settings.Hosts.Where(host => !IsHostName(host)))
            mistakes.Add($"--host {host} is not a name of a machine, such as server.example.org.");
        mistakes.ThrowIfAny();
        return new ServeOptions
        {
            Folder = folder,
            Address = address!,
            Port = port,
            FurtherPorts = settings.Port is null ? FurtherPorts : 0,
            Hosts = settings.Hosts,
            Token = settings.Token,
            Say = Console.Error.WriteLine,
        };
    }

    /// <summary>Lowers the priority, so that runs on the same machine take precedence.</summary>
    private static void LowerPriority()
    {
        try
        {
            using var own = Process.GetCurrentProcess();
            own.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception error)
            when (error is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            // The priority stays as it is.
        }
    }
}
