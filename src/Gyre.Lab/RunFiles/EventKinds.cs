namespace Gyre.Lab.RunFiles;

/// <summary>Kinds of lines in events.jsonl, as the file names them.</summary>
internal static class EventKinds
{
    /// <summary>Sharpness reached the threshold: an instability begins.</summary>
    public const string Onset = "onset";

    /// <summary>The largest sharpness of an instability; written once it is over.</summary>
    public const string Peak = "peak";

    /// <summary>An instability is over.</summary>
    public const string Resolution = "resolution";

    /// <summary>The learning rate changes, or its warmup ends.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>The preceding steps belong to another run.</summary>
    public const string Fork = "fork";

    /// <summary>A condition of training.until holds.</summary>
    public const string Until = "until";

    /// <summary>The training diverged.</summary>
    public const string Diverged = "diverged";

    /// <summary>The last step is done.</summary>
    public const string Ended = "ended";
}
