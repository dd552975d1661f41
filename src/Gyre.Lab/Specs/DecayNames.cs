namespace Gyre.Lab.Specs;

/// <summary>The names of learning rate decays in specs.</summary>
internal static class DecayNames
{
    /// <summary>No decay.</summary>
    public const string None = "none";

    /// <summary>Along half a cosine.</summary>
    public const string Cosine = "cosine";

    /// <summary>By a factor at regular intervals.</summary>
    public const string Step = "step";
}
