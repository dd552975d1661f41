namespace Gyre.Lab.Clusters;

/// <summary>The options with which jobs are submitted; null leaves an option to the cluster.</summary>
internal sealed record SlurmOptions
{
    /// <summary>--partition.</summary>
    public string? Partition { get; init; }

    /// <summary>--time per task, in sbatch's formats: 30, 2:00:00, 1-12.</summary>
    public string? Time { get; init; }

    /// <summary>--cpus-per-task.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>--gpus.</summary>
    public string? Gpus { get; init; }

    /// <summary>The maximum number of concurrent tasks.</summary>
    public int? Jobs { get; init; }

    /// <summary>Cells per task; null to choose by their estimated duration.</summary>
    public int? Pack { get; init; }

    /// <summary>A shell script that each task sources first, for modules and variables.</summary>
    public string? Setup { get; init; }

    /// <summary>Further sbatch options, such as account=physics.</summary>
    public IReadOnlyList<string> Further { get; init; } = [];
}
