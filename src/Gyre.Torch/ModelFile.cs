using System.IO.Compression;

namespace Gyre.Torch;

/// <summary>The kind of a file that may contain a network.</summary>
internal enum ModelFileKind
{
    /// <summary>A TorchScript module.</summary>
    TorchScript,

    /// <summary>A program written by <c>torch.export.save</c>.</summary>
    Exported,

    /// <summary>A package written by <c>aoti_compile_and_package</c>: machine code without a graph.</summary>
    Compiled,

    /// <summary>A file written by <c>torch.save</c>: weights, or a pickled module.</summary>
    Saved,

    /// <summary>A file written by <c>torch.save</c> before PyTorch 1.6, or another pickle.</summary>
    Pickle,

    /// <summary>A safetensors file.</summary>
    Safetensors,

    /// <summary>Another zip archive.</summary>
    Zip,

    /// <summary>An empty file.</summary>
    Empty,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Recognizes files of networks by their content.</summary>
internal static class ModelFile
{
    /// <summary>Instructions for saving a module to a file that Gyre can read.</summary>
    public const string HowToExport =
        "In Python: torch.export.save(torch.export.export(model, (x,), dynamic_shapes=({0: "
        + "torch.export.Dim(\"batch\")},)), \"model.pt2\"), or, before PyTorch 2.6, torch.jit.trace(model, "
        + "x).save(\"model.pt\").";

    private const string HowToGiveWeights =
        "To load weights into a network, set model.weights; the network comes from its own file.";

    /// <summary>Returns the kind of a file. Reads its first bytes and, for an archive, its directory.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="refuse">Creates the exception from a sentence and a cause.</param>
    /// <exception cref="GyreException">The file cannot be read, or is a damaged archive.</exception>
    public static ModelFileKind Recognize(string path, Func<string, Exception?, GyreException> refuse)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(refuse);
        if (FileKind.Special(path) is { } kind)
            throw refuse($"{path} is {kind}, not a module file.", null);
        Span<byte> first = stackalloc byte[16];
        try
        {
            using var file = File.OpenRead(path);
            first = first[..file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw refuse($"{path} cannot be read: {error.Message}", error);
        }
        return first switch
        {
            [] => ModelFileKind.Empty,
            [(byte)'P', (byte)'K', ..] => ModelZip.Open(path, Recognize, refuse),
            [0x80, ..] => ModelFileKind.Pickle,
            [_, _, _, _, 0, 0, 0, 0, (byte)'{', ..] => ModelFileKind.Safetensors,
            _ => ModelFileKind.Other,
        };
    }

    /// <summary>Returns a message on why a file of the given kind is not a network, and on how to make one.</summary>
    public static string Refusal(ModelFileKind kind) =>
        kind switch
        {
            ModelFileKind.Empty => $"is empty. {HowToExport}",
            ModelFileKind.Pickle =>
                $"is a pickle, as torch.save wrote before PyTorch 1.6: it has no code that runs outside "
                    + $"Python. {HowToExport}",
            ModelFileKind.Safetensors =>
                $"is a safetensors file: weights without a network. {HowToGiveWeights} {HowToExport}",
            ModelFileKind.Saved =>
                "was written by torch.save: it has weights (a state dict) or a pickled module, but no "
                    + $"code that runs outside Python. {HowToGiveWeights} {HowToExport}",
            ModelFileKind.Compiled => "is a package of AOTInductor (aoti_compile_and_package): machine code without a "
                + $"graph, which cannot be differentiated. Save the exported program itself. {HowToExport}",
            ModelFileKind.Zip =>
                $"is a zip archive, but neither an exported program nor TorchScript: it has no graph and "
                    + $"no code. {HowToExport}",
            _ => $"is neither an exported program nor TorchScript: such files are zip archives. {HowToExport}",
        };

    private static ModelFileKind Recognize(ZipArchive zip)
    {
        bool Has(string part) =>
            zip.Entries.Any(entry => $"/{entry.FullName}".Contains(part, StringComparison.Ordinal));
        if (zip.Entries.Any(entry => ExportedLayout.IsGraph(entry.FullName)))
            return ModelFileKind.Exported;
        if (Has("/data/aotinductor/"))
            return ModelFileKind.Compiled;
        if (Has("/code/") && Has("/constants.pkl"))
            return ModelFileKind.TorchScript;
        return Has("/data.pkl") ? ModelFileKind.Saved : ModelFileKind.Zip;
    }
}
