using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>A file that is not a TorchScript module that can be used here; the message says what it is and what to do.</summary>
public sealed class TorchScriptException : Exception
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public TorchScriptException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>Modules that PyTorch or TorchSharp saved as TorchScript. A file is looked over before libtorch reads it: libtorch believes what a file says of itself.</summary>
public static class TorchScriptFile
{
    /// <summary>How a module becomes such a file.</summary>
    public const string HowToExport = "In Python: torch.jit.trace(model, example_inputs).save(\"model.pt\"), or torch.jit.script(model).save(\"model.pt\").";

    /// <summary>Data lies in such a file as it is, and its code is small: what unpacks to more than this many times the file was made to fill memories.</summary>
    private const long MostRatio = 20;
    private const long Allowance = 16 << 20;

    /// <summary>The file's SHA-256, in lower-case hexadecimal digits.</summary>
    /// <exception cref="TorchScriptException">It cannot be read.</exception>
    public static string Sha256(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TorchScriptException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Loads a module, its real numbers in a dtype and all of it on a device, after <see cref="Check"/>.</summary>
    /// <exception cref="TorchScriptException">Not such a file, damaged, or made with operations that this libtorch does not know.</exception>
    public static jit.ScriptModule<Tensor, Tensor> Load(string path, ScalarType dtype = ScalarType.Float32, Device? device = null)
    {
        Check(path);
        LibTorch.Load();
        ScriptExecutor.UseSimple();
        try
        {
            // Loaded where it shall be: moving a script module to a device and a dtype in one call leaves parameters that the loss does not depend on.
            var place = device ?? CPU;
            return jit.load<Tensor, Tensor>(path, place.type, place.index).to(dtype);
        }
        catch (Exception error) when (error is ExternalException or InvalidOperationException or NotSupportedException)
        {
            throw new TorchScriptException($"{path} cannot be loaded by libtorch: {LibTorchWords.Of(error).Split('\n')[0].TrimEnd('.')}. Save it again. {HowToExport}", error);
        }
    }

    /// <summary>Looks whether a file is TorchScript, whole, and no larger inside than it can be; reads its directory alone.</summary>
    /// <exception cref="TorchScriptException">It is not.</exception>
    public static void Check(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var file = File.OpenRead(path);
            CheckMagic(path, file);
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            CheckSize(path, zip, file.Length);
            CheckContent(path, [.. zip.Entries.Select(entry => entry.FullName)]);
        }
        catch (InvalidDataException error)
        {
            throw new TorchScriptException($"{path} is truncated or damaged: {error.Message} Copy or save it again.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TorchScriptException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static void CheckMagic(string path, FileStream file)
    {
        Span<byte> first = stackalloc byte[16];
        var read = first[..file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        if (read is [(byte)'P', (byte)'K', ..])
            return;
        var what = read switch
        {
            [] => "is empty",
            [0x80, ..] => "is a pickle, as old versions of torch.save write, not TorchScript",
            [_, _, _, _, 0, 0, 0, 0, (byte)'{', ..] => "is a safetensors file: weights without a network",
            _ => "is not TorchScript: such a file is a zip archive",
        };
        throw new TorchScriptException($"{path} {what}. {HowToExport}");
    }

    private static void CheckSize(string path, ZipArchive zip, long bytes)
    {
        var inside = zip.Entries.Aggregate(0L, (sum, entry) => entry.Length < 0 || entry.Length > long.MaxValue - sum ? long.MaxValue : sum + entry.Length);
        if (inside > MostRatio * bytes + Allowance)
            throw new TorchScriptException($"{path} has {bytes} bytes and would unpack to {inside}: no TorchScript file does so. It is damaged or made to fill memory; save it again.");
        if (zip.Entries.Any(entry => entry.CompressedLength > bytes))
            throw new TorchScriptException($"{path} is truncated or damaged: a part of it is longer than the file. Copy or save it again.");
    }

    private static void CheckContent(string path, string[] names)
    {
        bool Has(string part) => names.Any(name => name.Contains(part, StringComparison.Ordinal));
        if (Has("/code/") && Has("/constants.pkl"))
            return;
        throw new TorchScriptException(Has("/data.pkl")
            ? $"{path} was written by torch.save: it has weights (a state dict) or a pickled module, but no code that runs outside of Python. {HowToExport}"
            : $"{path} is a zip archive, but not TorchScript: it has no code. {HowToExport}");
    }
}
