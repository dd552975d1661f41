using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// A file that is not a TorchScript module that can be used here; the message says what it is and what to do.
/// </summary>
public sealed class TorchScriptException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public TorchScriptException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>
/// Modules that PyTorch or TorchSharp saved as TorchScript. A file is looked over before libtorch reads it: libtorch
/// believes what a file says of itself.
/// </summary>
internal static partial class TorchScriptFile
{
    private const int MostFindings = 3;
    private const int MostName = 1024;
    private const int MostType = 100;

    /// <summary>The file's SHA-256, in lower-case hexadecimal digits.</summary>
    /// <exception cref="TorchScriptException">It cannot be read.</exception>
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
    /// Loads a module, its real numbers in a dtype and all of it on a device, after <see cref="Check"/>. Its code runs
    /// with the rights of
    /// this process: unless the caller says that its author is trusted, code that does more than compute is refused.
    /// </summary>
    /// <exception cref="TorchScriptException">
    /// Not such a file, damaged, made with operations that this libtorch does not know, of code that does more than
    /// compute, of a forward
    /// that does not give a tensor, or with parameters that theta cannot hold.
    /// </exception>
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
            // Loaded where it shall be: moving a script module to a device and a dtype in one call leaves parameters
            // that the loss does not depend on.
            var place = device ?? CPU;
            var module = jit.load<Tensor, Tensor>(path, place.type, place.index);
            // before the dtype changes: a copy of another dtype shares no memory any more
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
    /// Looks whether a file is TorchScript, whole, and no larger inside than it can be, and whether its code only
    /// computes; reads its
    /// directory and its code, and runs nothing.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="trusted">Whether code that does more than compute is allowed.</param>
    /// <exception cref="TorchScriptException">It is not.</exception>
    public static void Check(string path, bool trusted = false)
    {
        var findings = Findings(path);
        if (TorchScriptCode.FindMisderived(Opened(path, Code)) is { } misderived)
            throw new TorchScriptException(
                $"{path} calls {misderived}, whose second derivative libtorch computes wrongly (it takes the norm for a "
                    + "constant), so that every eigenvalue would be wrong. Export the module with torch.export, where it is "
                    + "computed by its definition, or remove the norm (torch.nn.utils.remove_weight_norm)."
            );
        if (!trusted && findings.Count > 0)
            throw new TorchScriptException(Distrusted(path, findings));
    }

    /// <summary>Where a file's code does more than compute, in words; none of one that only computes.</summary>
    /// <exception cref="TorchScriptException">It is not TorchScript, or damaged.</exception>
    public static IReadOnlyList<string> Findings(string path)
    {
        RequireKind(path);
        return TorchScriptCode.Findings(Opened(path, Code));
    }

    /// <summary>A pipe or a device may never end.</summary>
    private static void CheckRegular(string path)
    {
        if (FileKind.Special(path) is { } kind)
            throw new TorchScriptException($"{path} is {kind}, not a file of a module.");
    }

    /// <summary>The first of several findings, in a line.</summary>
    public static string Listed(IReadOnlyList<string> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var more = findings.Count > MostFindings ? $"; and {findings.Count - MostFindings} more" : "";
        return string.Join("; ", findings.Take(MostFindings)) + more;
    }

    private static string Distrusted(string path, IReadOnlyList<string> findings) =>
        $"{path} has code that does more than compute: {Listed(findings)}. "
        + "It is not run. Where you trust its author, model.trusted = true runs it all the same (SECURITY.md).";

    /// <summary>Only one tensor is a network's output; the code says what is returned before it runs.</summary>
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
            "str" => "a text",
            _ => "a value of another type",
        };
        if (what is not null)
            throw new TorchScriptException(
                $"{path} gives {what} ({Cut(type!)}) where one tensor is needed. Export a module whose "
                    + "forward returns the outputs alone."
            );
    }

    /// <summary>
    /// What the file's module is an instance of: the first class that its pickle names. Null where it is not found.
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
            ? $"Parameter {name} is {complex.Tensor.dtype}: theta is of real numbers."
            : DistinctParameters.Trouble([.. parameters, .. module.named_buffers()]);
        if (trouble is not null)
            throw new TorchScriptException($"{path}: {trouble}");
    }

    private static T Opened<T>(string path, Func<ZipArchive, T> read) => ModelZip.Open(path, read, Refuse);

    private static void RequireKind(string path)
    {
        var kind = ModelFile.Recognize(path, Refuse);
        if (kind == ModelFileKind.Exported)
            throw Refuse($"{path} is an exported program, not TorchScript: model.name = \"exported\" reads it.", null);
        if (kind != ModelFileKind.TorchScript)
            throw Refuse($"{path} {ModelFile.Refusal(kind)}", null);
    }

    private static TorchScriptException Refuse(string message, Exception? inner) => new(message, inner);

    private static string Cut(string type) => type.Length > MostType ? type[..MostType] + "…" : type;

    [GeneratedRegex(@"c(__torch__[\w.]*)\n(\w+)\n")]
    private static partial Regex RootName();
}
