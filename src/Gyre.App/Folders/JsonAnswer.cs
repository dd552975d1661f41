using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.App.Folders;

/// <summary>
/// Writes the result of a command for <c>--json</c>: one value, to a file, or with <c>-</c> to standard output
/// instead of the readable output.
/// </summary>
internal static class JsonAnswer
{
    private static readonly JsonSerializerOptions Options = RunJson.Indented(AnswerContext.Default);

    /// <summary>Writes the result to the given target.</summary>
    /// <param name="target">A file, or "-" for standard output; null writes nothing.</param>
    /// <param name="answer">Creates the value; called only if the value is needed.</param>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public static void Write<T>(string? target, Func<T> answer)
    {
        if (target is null)
            return;
        var text = JsonSerializer.Serialize(answer(), (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T))) + "\n";
        if (target == Voice.StandardOutput)
            Print(text);
        else
            RunJson.Save(target, text);
    }

    /// <summary>Prints JSON to standard output, which may be a terminal.</summary>
    public static void Print(string json) => Console.Out.Write(PlainText.Json(json));
}

[JsonSerializable(typeof(IReadOnlyList<ListedFolder>))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(SweepAnswer))]
[JsonSerializable(typeof(DoctorAnswer))]
[JsonSerializable(typeof(DeviceAnswer))]
internal sealed partial class AnswerContext : JsonSerializerContext;
