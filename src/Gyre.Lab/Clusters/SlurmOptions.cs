namespace Gyre.Lab.Clusters;

/// <summary>What jobs are asked for with; what is null is left to the cluster.</summary>
internal sealed record SlurmOptions
{
    /// <summary>--partition.</summary>
    public string? Partition { get; init; }

    /// <summary>--time of a task, as sbatch takes it: 30, 2:00:00, 1-12.</summary>
    public string? Time { get; init; }

    /// <summary>--cpus-per-task.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>--gpus.</summary>
    public string? Gpus { get; init; }

    /// <summary>Tasks at a time.</summary>
    public int? Jobs { get; init; }

    /// <summary>Cells a task; null: by what they are estimated to take.</summary>
    public int? Pack { get; init; }

    /// <summary>A shell script that each task reads first: modules, variables.</summary>
    public string? Setup { get; init; }

    /// <summary>Further options of sbatch, such as account=physics.</summary>
    public IReadOnlyList<string> Further { get; init; } = [];
}
