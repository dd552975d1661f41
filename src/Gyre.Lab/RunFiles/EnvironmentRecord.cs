using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

/// <summary>environment.json: where and how the run was begun. Later sessions are in sessions.jsonl.</summary>
/// <param name="Format">Version of the format.</param>
/// <param name="Gyre">Version of the program, with the commit where it is known.</param>
/// <param name="Dotnet">Version of the runtime.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="Threads">libtorch threads.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="LibtorchFolder">Where it was loaded from.</param>
/// <param name="ShimPatched">Whether the shim is the patched copy.</param>
/// <param name="CommandLine">As given.</param>
/// <param name="Seed">Of the spec.</param>
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
    /// <summary>Id of the spec that the run was begun with; null in folders of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SpecId { get; init; }

    /// <summary>How many processes shared the run when it was begun; not written of one alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ranks { get; init; }

    /// <summary>The MPI library then, with its version; not written of a process alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mpi { get; init; }

    /// <summary>
    /// What the CUDA device is called, and the newest CUDA that its driver serves; null on the processor.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceName { get; init; }

    /// <summary>Whether products of float32 may be computed in TF32; null on the processor, which has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Tf32 { get; init; }
}
