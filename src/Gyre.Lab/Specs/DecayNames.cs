namespace Gyre.Lab.Specs;

/// <summary>How the learning rate decays over a run, as a spec names it.</summary>
internal static class DecayNames
{
    /// <summary>Not at all.</summary>
    public const string None = "none";

    /// <summary>Along half a cosine.</summary>
    public const string Cosine = "cosine";

    /// <summary>By a factor every so many steps.</summary>
    public const string Step = "step";
}
