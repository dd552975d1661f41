using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// environment.json: the machine, versions and command line with which the run began. Later sessions are in
/// sessions.jsonl.
/// </summary>
/// <param name="Format">Version of the format.</param>
/// <param name="Gyre">Version of the program, with the commit if it is known.</param>
/// <param name="Dotnet">Version of the .NET runtime.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Processors">Number of logical processors.</param>
/// <param name="Threads">Number of libtorch threads.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="LibtorchFolder">The folder that libtorch was loaded from.</param>
/// <param name="ShimPatched">Whether the shim is the patched copy.</param>
/// <param name="CommandLine">The command line, as given.</param>
/// <param name="Seed">The spec's seed.</param>
/// <param name="Started">UTC, ISO 8601.</param>
internal sealed record EnvironmentRecord(
    int Format,
    string Gyre,
    string Dotnet,
    string OperatingSystem,
    int Processors,
    int Threads,
    string Device,
    string Libtorch,
    string LibtorchFolder,
    bool ShimPatched,
    string CommandLine,
    int Seed,
    DateTimeOffset Started
)
{
    /// <summary>The id of the spec that the run began with; null in folders of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SpecId { get; init; }

    /// <summary>
    /// The number of processes that shared the run when it began; not written for a single process.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ranks { get; init; }

    /// <summary>The MPI library at that time, with its version; not written for a single process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mpi { get; init; }

    /// <summary>
    /// The name of the CUDA device, and the newest CUDA version that its driver supports; null on the CPU.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceName { get; init; }

    /// <summary>Whether float32 products may be computed in TF32; null on the CPU, which has no TF32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Tf32 { get; init; }
}
