using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.RunFiles;

/// <summary>The state that a run needs to resume from a step.</summary>
/// <param name="Step">The next step to be done.</param>
/// <param name="Tensors">Tensors by name, in the reader's dispose scope.</param>
/// <param name="Lengths">Bytes of each replayed file when the checkpoint was written, by file name.</param>
internal sealed record Checkpoint(
    long Step,
    IReadOnlyDictionary<string, Tensor> Tensors,
    IReadOnlyDictionary<string, long> Lengths
);

/// <summary>
/// The checkpoints of a run folder: safetensors files named by step, each written to a temporary file, flushed and
/// renamed. A checksum in the metadata reveals a damaged one. Checksums of the replayed files reveal a checkpoint of
/// another history, such as another run's.
/// </summary>
internal static partial class Checkpoints
{
    private const string LengthPrefix = "bytes.";
    private const string SealPrefix = "sha256.";

    /// <summary>
    /// Writes a checkpoint and removes those beyond the latest <paramref name="keep"/>, and any of a later step. The
    /// writer's files are flushed to disk first.
    /// </summary>
    /// <param name="step">The next step to be done.</param>
    /// <param name="keep">The number of checkpoints to keep, at least 1.</param>
    /// <param name="forGood">Steps whose checkpoints are never removed.</param>
    /// <exception cref="RunFolderException">The disk is full or unavailable; the earlier checkpoints
    /// remain.</exception>
    public static void Write(
        RunFolder folder,
        RunWriter writer,
        long step,
        IReadOnlyDictionary<string, Tensor> tensors,
        int keep,
        IReadOnlyList<int> forGood
    )
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Sync();
        var seals = writer.Seals;
        var metadata = seals.ToDictionary(
            seal => LengthPrefix + seal.Name,
            seal => seal.Bytes.ToString(CultureInfo.InvariantCulture)
        );
        foreach (var seal in seals)
            metadata[SealPrefix + seal.Name] = seal.Sha256;
        metadata["format"] = RunFolder.Format.ToString(CultureInfo.InvariantCulture);
        metadata["step"] = step.ToString(CultureInfo.InvariantCulture);
        metadata["sha256"] = Checksum(metadata, tensors);
        try
        {
            Directory.CreateDirectory(folder.Checkpoints);
            Safetensors.Write(PathOf(folder, step), tensors, metadata);
            // Checkpoints of later steps were skipped when this run was resumed: they were damaged, or ahead of files
            // that were cut.
            foreach (
                var old in Steps(folder)
                    .Where(other => other > step)
                    .Concat(
                        Steps(folder)
                            .Where(other => other <= step)
                            .Skip(Math.Max(keep, 1))
                            .Where(other => !forGood.Contains((int)other))
                    )
            )
                File.Delete(PathOf(folder, old));
        }
        catch (Exception error) when (error is SafetensorsException or IOException or UnauthorizedAccessException)
        {
            var cure = FileFault.Cure(error.InnerException ?? error);
            throw new RunFolderException(
                $"A checkpoint cannot be written: {error.Message.TrimEnd('.')}. {cure} The run resumes from "
                    + "the previous checkpoint.",
                error
            );
        }
    }

    /// <summary>Removes the checkpoints of a finished run, except those kept permanently.</summary>
    /// <exception cref="RunFolderException">A checkpoint cannot be removed.</exception>
    public static void Clear(RunFolder folder, IReadOnlyList<int> forGood)
    {
        foreach (var step in Steps(folder).Where(step => !forGood.Contains((int)step)))
        {
            RunFolder.Guarded(
                folder.Checkpoints,
                () =>
                {
                    File.Delete(PathOf(folder, step));
                    return true;
                }
            );
        }
    }

    /// <summary>
    /// Reads the latest intact checkpoint whose replayed files still begin as they did when it was written; null if
    /// there is none.
    /// </summary>
    /// <param name="skipped">Receives a message for each checkpoint that cannot be used.</param>
    public static Checkpoint? ReadLatest(RunFolder folder, Action<string> skipped)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(skipped);
        foreach (var step in Steps(folder))
        {
            try
            {
                return Read(folder, step);
            }
            catch (Exception error) when (error is SafetensorsException or RunFolderException)
            {
                skipped(error.Message);
            }
        }
        return null;
    }

    /// <summary>Returns the steps of the existing checkpoints, latest first.</summary>
    public static IReadOnlyList<long> Steps(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder.Checkpoints))
            return [];
        return
        [
            .. Directory
                .EnumerateFiles(folder.Checkpoints)
                .Select(file => FileName().Match(Path.GetFileName(file)))
                .Where(match => match.Success)
                .Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
                .OrderDescending(),
        ];
    }

    public static string PathOf(RunFolder folder, long step)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Path.Combine(
            folder.Checkpoints,
            string.Create(CultureInfo.InvariantCulture, $"step-{step:D6}.safetensors")
        );
    }

    /// <summary>Reads the checkpoint of a step; the tensors are in the caller's dispose scope.</summary>
    /// <exception cref="RunFolderException">The checkpoint is damaged, or its replayed files are shorter or different
    /// now.</exception>
    /// <exception cref="SafetensorsException">The file is missing, or not a safetensors file.</exception>
    internal static Checkpoint Read(RunFolder folder, long step)
    {
        var path = PathOf(folder, step);
        var content = Verified(path);
        if (content.Metadata.GetValueOrDefault("step") != step.ToString(CultureInfo.InvariantCulture))
            throw new RunFolderException($"{path} is not the checkpoint that its name claims.");
        return new Checkpoint(
            step,
            content.Tensors,
            folder.Replayed.ToDictionary(file => Path.GetFileName(file), file => LengthOf(file, step, content.Metadata))
        );
    }

    /// <summary>
    /// Reads and verifies a checkpoint file at any path; the tensors are in the caller's dispose scope.
    /// </summary>
    /// <exception cref="RunFolderException">The checkpoint is damaged, or has a newer format.</exception>
    /// <exception cref="SafetensorsException">The file is missing, or not a safetensors file.</exception>
    internal static SafetensorsContent Verified(string path)
    {
        var content = Safetensors.Read(path);
        Verify(path, content.Metadata, content.Tensors);
        return content;
    }

    /// <summary>Checks that the content of a file is an intact checkpoint.</summary>
    /// <exception cref="RunFolderException">It is damaged, not a checkpoint, or has a newer format.</exception>
    internal static void Verify(
        string path,
        IReadOnlyDictionary<string, string> metadata,
        IReadOnlyDictionary<string, Tensor> tensors
    )
    {
        var version = metadata.GetValueOrDefault("format");
        if (
            int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var format)
            && format > RunFolder.Format
        )
            throw RunFolder.TooNew(path, format);
        if (metadata.GetValueOrDefault("sha256") != Checksum(metadata, tensors))
            throw new RunFolderException($"{path} is damaged or not a checkpoint: its checksum does not match.");
    }

    /// <summary>Whether a file's metadata identifies it as a checkpoint. Reads only the header.</summary>
    internal static bool IsNamed(string path)
    {
        try
        {
            var metadata = Safetensors.Describe(path).Metadata;
            return metadata.ContainsKey("format") && metadata.ContainsKey("step") && metadata.ContainsKey("sha256");
        }
        catch (SafetensorsException)
        {
            return false;
        }
    }

    /// <summary>Returns the length of a replayed file at a checkpoint, in bytes.</summary>
    /// <exception cref="RunFolderException">The file is shorter now, or its first bytes have changed.</exception>
    internal static long LengthOf(string path, long step, IReadOnlyDictionary<string, string> metadata)
    {
        var name = Path.GetFileName(path);
        if (
            !long.TryParse(
                metadata.GetValueOrDefault(LengthPrefix + name),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var length
            )
        )
            throw new RunFolderException($"The checkpoint of step {step} does not record the length of {name}.");
        FolderFile.Hold(path);
        var file = new FileInfo(path);
        if (!file.Exists || file.Length < length)
            throw new RunFolderException($"{file.FullName} is shorter than at the checkpoint of step {step}.");
        if (metadata.TryGetValue(SealPrefix + name, out var sha256) && FolderFile.Seal(path, length).Sha256 != sha256)
            throw new RunFolderException(
                $"{file.FullName} has changed since the checkpoint of step {step}: its first {length} "
                    + "bytes have another checksum."
            );
        return length;
    }

    /// <summary>
    /// Computes the checksum of all other metadata, file lengths included, and of every tensor's name and bytes.
    /// </summary>
    private static string Checksum(
        IReadOnlyDictionary<string, string> metadata,
        IReadOnlyDictionary<string, Tensor> tensors
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            var (key, value) in metadata
                .Where(pair => pair.Key != "sha256")
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        )
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{key}={value}\n"));
        foreach (var (name, tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [GeneratedRegex(@"^step-(\d{6,18})\.safetensors$")]
    private static partial Regex FileName();
}
