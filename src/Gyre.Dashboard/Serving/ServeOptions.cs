using System.Net;

namespace Gyre.Dashboard.Serving;

/// <summary>What is served, and to whom.</summary>
internal sealed record ServeOptions
{
    /// <summary>The folder whose runs, sweeps and landscapes are shown.</summary>
    public required string Folder { get; init; }

    /// <summary>The address that is listened on. Loopback: this machine alone.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0: any that is free.</summary>
    public int Port { get; init; }

    /// <summary>How many ports after it are tried where it is taken.</summary>
    public int FurtherPorts { get; init; }

    /// <summary>
    /// Names, beside localhost and the addresses of this machine, by which browsers may call the page.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Whether a token is needed; always for an address other than loopback.</summary>
    public bool Token { get; init; }

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Bytes a second that a browser reads at least of what it asked for; else it is let go. Chosen: slow tunnels
    /// carry more.
    /// </summary>
    internal double LeastReading { get; init; } = 50_000;

    /// <summary>Is told what the one who serves should know, a sentence at a time, from any thread.</summary>
    public Action<string> Say { get; init; } = _ => { };
}
