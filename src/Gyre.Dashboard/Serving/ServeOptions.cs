using System.Net;

namespace Gyre.Dashboard.Serving;

/// <summary>Options of the server.</summary>
internal sealed record ServeOptions
{
    /// <summary>The folder whose runs, sweeps and landscapes are shown.</summary>
    public required string Folder { get; init; }

    /// <summary>The address to listen on. Loopback: this machine only.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>The number of ports after it to try if it is in use.</summary>
    public int FurtherPorts { get; init; }

    /// <summary>
    /// Names, besides localhost and the addresses of this machine, under which browsers may open the page.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Whether a token is required; always for an address other than loopback.</summary>
    public bool Token { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// The minimum rate at which a browser must read, in bytes per second; slower ones are disconnected. Chosen: slow
    /// tunnels are faster.
    /// </summary>
    internal double LeastReading { get; init; } = 50_000;

    /// <summary>Receives sentences for the user who started the server, from any thread.</summary>
    public Action<string> Say { get; init; } = _ => { };
}
