namespace Gyre.Lab.Models;

/// <summary>
/// The shape of a network as a spec gives it. A network reads what it has and leaves the rest alone
/// (<see cref="ModelKind"/>).
/// </summary>
/// <param name="Widths">Hidden widths, or channels, layer by layer.</param>
/// <param name="Depth">Layers, blocks or factors; 0 is the network's own default.</param>
/// <param name="Activation">A name of <see cref="Activations"/>.</param>
public record Architecture(IReadOnlyList<int> Widths, int Depth, string Activation)
{
    /// <summary>What <see cref="Norm"/> and <see cref="Pooling"/> are called where the network decides.</summary>
    public const string Own = "default";

    /// <summary>Every norm that some network has.</summary>
    public static IReadOnlyList<string> Norms { get; } = [Own, "none", "batch", "layer", "group"];

    /// <summary>
    /// How a vision transformer comes from its patches to one vector; the first is the default (Dosovitskiy et al.
    /// 2021).
    /// </summary>
    public static IReadOnlyList<string> Poolings { get; } = ["class-token", "mean"];

    /// <summary>Channels of the first layer, or width of the embedding; 0 is the network's own default.</summary>
    public int Width { get; init; }

    /// <summary>One of <see cref="Norms"/>.</summary>
    public string Norm { get; init; } = Own;

    /// <summary>Attention heads; 0 is the network's own default.</summary>
    public int Heads { get; init; }

    /// <summary>A TorchScript file; "" of a network of the catalog.</summary>
    public string File { get; init; } = "";

    /// <summary>SHA-256 that the file must have; "" for any.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>Whether the code of a TorchScript file runs where it does more than compute.</summary>
    public bool Trusted { get; init; }

    /// <summary>Shape in which a TorchScript module takes a sample; empty: as the data has it.</summary>
    public IReadOnlyList<int> SampleShape { get; init; } = [];

    /// <summary>Side of a patch in pixels; 0 is the network's own default.</summary>
    public int Patch { get; init; }

    /// <summary>One of <see cref="Poolings"/>.</summary>
    public string Pooling { get; init; } = Poolings[0];
}
