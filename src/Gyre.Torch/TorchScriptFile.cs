using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Represents a file that is not a usable TorchScript module; the message describes the file and the remedy.
/// </summary>
public sealed class TorchScriptException : GyreException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The message for the user, in whole sentences.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public TorchScriptException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>
/// Loads modules that PyTorch or TorchSharp saved as TorchScript. A file is checked before libtorch reads it, because
/// libtorch trusts a file's own description.
/// </summary>
internal static partial class TorchScriptFile
{
    private const int MostFindings = 3;
    private const int MostName = 1024;
    private const int MostType = 100;

    /// <summary>Returns the file's SHA-256, in lowercase hexadecimal digits.</summary>
    /// <exception cref="TorchScriptException">The file cannot be read.</exception>
    public static string Sha256(string path)
    {
        CheckRegular(path);
        try
        {
            return FileSum.Sha256(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TorchScriptException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>
    /// Loads a module onto a device, with its real numbers in the given dtype, after <see cref="Check"/>. Its code
    /// runs with the rights of this process: code that does more than compute is rejected unless the caller declares
    /// its author trusted.
    /// </summary>
    /// <exception cref="TorchScriptException">The file is not TorchScript or is damaged, it uses operations that this
    /// libtorch does not support, its code does more than compute, its forward does not return a tensor, or it has
    /// parameters that theta cannot represent.</exception>
    public static jit.ScriptModule<Tensor, Tensor> Load(
        string path,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null,
        bool trusted = false
    )
    {
        Check(path, trusted);
        CheckResult(path);
        LibTorch.Load();
        ScriptExecutor.UseSimple();
        ScriptOutput.Escape();
        try
        {
            // The module is loaded directly onto its device: moving a script module to a device and a dtype in one
            // call leaves parameters that the loss does not depend on.
            var place = device ?? CPU;
            var module = jit.load<Tensor, Tensor>(path, place.type, place.index);
            // This comes before the dtype changes: a copy in another dtype no longer shares memory.
            CheckParameters(path, module);
            return module.to(dtype);
        }
        catch (Exception error) when (error is ExternalException or InvalidOperationException or NotSupportedException)
        {
            throw new TorchScriptException(
                $"{path} cannot be loaded by libtorch: {LibTorchErrors.Line(error).TrimEnd('.')}. Save it "
                    + $"again. {ModelFile.HowToExport}",
                error
            );
        }
    }

    /// <summary>
    /// Checks that a file is TorchScript, is complete and has no larger content than its size allows, and that its
    /// code only computes. It reads the directory and the code of the file, and runs nothing.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="trusted">Whether code that does more than compute is allowed.</param>
    /// <exception cref="TorchScriptException">The file fails a check.</exception>
    public static void Check(string path, bool trusted = false)
    {
        var findings = Findings(path);
        if (TorchScriptCode.FindMisderived(Opened(path, Code)) is { } misderived)
            throw new TorchScriptException(
                $"{path} calls {misderived}, whose second derivative libtorch computes incorrectly (it treats the norm as "
                    + "a constant), so every eigenvalue would be wrong. Export the module with torch.export, where it is "
                    + "computed by its definition, or remove the norm (torch.nn.utils.remove_weight_norm)."
            );
        if (!trusted && findings.Count > 0)
            throw new TorchScriptException(Distrusted(path, findings));
    }

    /// <summary>Returns the places where a file's code does more than compute; empty if it only computes.</summary>
    /// <exception cref="TorchScriptException">The file is not TorchScript, or is damaged.</exception>
    public static IReadOnlyList<string> Findings(string path)
    {
        RequireKind(path);
        return TorchScriptCode.Findings(Opened(path, Code));
    }

    /// <summary>Rejects pipes and devices, which may never end.</summary>
    private static void CheckRegular(string path)
    {
        if (FileKind.Special(path) is { } kind)
            throw new TorchScriptException($"{path} is {kind}, not a module file.");
    }

    /// <summary>Joins the first few findings into one line.</summary>
    public static string Listed(IReadOnlyList<string> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var more = findings.Count > MostFindings ? $"; and {findings.Count - MostFindings} more" : "";
        return string.Join("; ", findings.Take(MostFindings)) + more;
    }

    private static string Distrusted(string path, IReadOnlyList<string> findings) =>
        $"{path} has code that does more than compute: {Listed(findings)}. "
        + "It is not run. If you trust its author, model.trusted = true runs it anyway (SECURITY.md).";

    /// <summary>
    /// Checks that the forward returns exactly one tensor, by its declared return type, before the code runs.
    /// </summary>
    private static void CheckResult(string path)
    {
        var type = Opened(path, zip => RootClass(zip) is { } root ? TorchScriptCode.ReturnType(Code(zip), root) : null);
        var what = type switch
        {
            null or "Tensor" or "Any" => null,
            _ when type.StartsWith("Tuple[", StringComparison.Ordinal) => "a tuple",
            _ when type.StartsWith("List[", StringComparison.Ordinal) => "a list",
            _ when type.StartsWith("Dict[", StringComparison.Ordinal) => "a dictionary",
            _ when type.StartsWith("Optional[", StringComparison.Ordinal) => "a value that may be missing",
            "NoneType" or "None" => "nothing",
            "int" or "float" or "bool" or "number" or "complex" => "a number",
            "str" => "a string",
            _ => "a value of another type",
        };
        if (what is not null)
            throw new TorchScriptException(
                $"{path} returns {what} ({Cut(type!)}) instead of one tensor. Export a module whose "
                    + "forward returns only the outputs."
            );
    }

    /// <summary>
    /// Returns the class of the file's module, the first class that its pickle names; null if it is not found.
    /// </summary>
    private static string? RootClass(ZipArchive zip)
    {
        var entry = zip.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal));
        if (entry is null)
            return null;
        using var reader = new StreamReader(entry.Open(), Encoding.Latin1);
        var head = new char[MostName];
        var text = new string(head, 0, reader.ReadBlock(head));
        return RootName().Match(text) is { Success: true } match
            ? $"{match.Groups[1].Value}.{match.Groups[2].Value}"
            : null;
    }

    private static (string Name, string Text)[] Code(ZipArchive zip) =>
        [
            .. zip
                .Entries.Where(entry => entry.FullName.EndsWith(".py", StringComparison.Ordinal))
                .Select(entry =>
                {
                    using var reader = new StreamReader(entry.Open());
                    return (entry.FullName, reader.ReadToEnd());
                }),
        ];

    private static void CheckParameters(string path, jit.ScriptModule module)
    {
        (string Name, Tensor Tensor)[] parameters =
        [
            .. module.named_parameters().Select(one => (one.name, (Tensor)one.parameter)),
        ];
        var complex = parameters.FirstOrDefault(one => one.Tensor.requires_grad && one.Tensor.is_complex());
        var trouble = complex.Name is { } name
            ? $"Parameter {name} is {complex.Tensor.dtype}: theta consists of real numbers."
            : DistinctParameters.Trouble([.. parameters, .. module.named_buffers()]);
        if (trouble is not null)
            throw new TorchScriptException($"{path}: {trouble}");
    }

    private static T Opened<T>(string path, Func<ZipArchive, T> read) => ModelZip.Open(path, read, Refuse);

    private static void RequireKind(string path)
    {
        var kind = ModelFile.Recognize(path, Refuse);
        if (kind == ModelFileKind.Exported)
            throw Refuse($"{path} is an exported program, not TorchScript: set model.name = \"exported\".", null);
        if (kind != ModelFileKind.TorchScript)
            throw Refuse($"{path} {ModelFile.Refusal(kind)}", null);
    }

    private static TorchScriptException Refuse(string message, Exception? inner) => new(message, inner);

    private static string Cut(string type) => type.Length > MostType ? type[..MostType] + "…" : type;

    [GeneratedRegex(@"c(__torch__[\w.]*)\n(\w+)\n")]
    private static partial Regex RootName();
}
