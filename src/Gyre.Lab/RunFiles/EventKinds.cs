namespace Gyre.Lab.RunFiles;

/// <summary>Kinds of lines in events.jsonl, as the file names them.</summary>
internal static class EventKinds
{
    /// <summary>Sharpness reached the threshold: an instability begins.</summary>
    public const string Onset = "onset";

    /// <summary>The largest sharpness of an instability, told once it is over.</summary>
    public const string Peak = "peak";

    /// <summary>An instability is over.</summary>
    public const string Resolution = "resolution";

    /// <summary>The rate changes.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>The steps before are those of another run.</summary>
    public const string Fork = "fork";

    /// <summary>A condition of training.until holds.</summary>
    public const string Until = "until";

    /// <summary>The loss grew without bound.</summary>
    public const string Diverged = "diverged";

    /// <summary>The last step is done.</summary>
    public const string Ended = "ended";
}
