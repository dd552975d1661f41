using System.Globalization;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.App.Commands;

/// <summary>Translates options that select a model and its data into keys of a spec.</summary>
internal static class ModelOptions
{
    /// <summary>Returns keys for the given ones of --data, --data-path, --samples and --loss.</summary>
    public static IEnumerable<string> Data(string? name, string? path, int? samples, string? loss)
    {
        if (name is not null)
            yield return $"data.name={name}";
        if (path is not null)
            yield return $"data.path={Quoted(Path.GetFullPath(path))}";
        if (samples is { } count)
            yield return string.Create(CultureInfo.InvariantCulture, $"data.samples={count}");
        if (loss is not null)
            yield return $"objective.loss={loss}";
    }

    /// <summary>
    /// Whether a name refers to the file of a module rather than a preset or a spec, judged by its extension or by
    /// its first bytes, those of an archive.
    /// </summary>
    public static bool IsModule(string named)
    {
        if (SpecReader.AllPresets.Contains(named) || !File.Exists(named) || FileKind.Special(named) is not null)
            return false;
        var ending = Path.GetExtension(named).ToLowerInvariant();
        return ending is ".pt" or ".pth" or ".pt2" or ".ckpt" || (ending != ".toml" && IsArchive(named));
    }

    private static bool IsArchive(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return (stream.ReadByte(), stream.ReadByte()) == ('P', 'K');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // the next reader of the file reports why
        }
    }

    /// <summary>
    /// Returns the keys for the file of a network, on all samples of its data; the contents of the file determine the
    /// network.
    /// </summary>
    public static string[] Module(string file) =>
        [$"name={NameOf(file)}", "data.samples=0", $"model.file={Quoted(Path.GetFullPath(file))}"];

    /// <summary>Returns the file's name without the characters that a run's name must not contain.</summary>
    public static string NameOf(string file)
    {
        var letters = Path.GetFileNameWithoutExtension(file)
            .Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            .Take(60)
            .ToArray();
        return letters.Length == 0 || letters[0] == '.' ? "model" : new string(letters);
    }

    private static string Quoted(string path) => $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal)}\"";
}
