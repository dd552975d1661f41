using Gyre.Lab.Models;
using Gyre.Torch;
using Gyre.Torch.Exported;

namespace Gyre.Lab.Specs;

/// <summary>
/// Sets keys that follow from <c>model.file</c>: the kind of the file determines <c>model.name</c>, its content
/// determines <c>model.sha256</c>, and a batch size fixed at export determines <c>objective.chunk</c>.
/// </summary>
internal static class FileModelKeys
{
    /// <summary>
    /// Sets <c>model.name</c> by the file's content, unless a network of the catalog is named.
    /// </summary>
    /// <param name="given">The keys that were given. A file that cannot be recognized is left to <see cref="Resolve"/>.
    /// </param>
    public static void TakeName(Dictionary<string, object> given)
    {
        var named = given.TryGetValue("model.name", out var name) && !IsFile(name);
        if (named || !given.TryGetValue("model.file", out var file) || file is not string { Length: > 0 } path)
            return;
        try
        {
            if (FindName(Recognize(path)) is { } found)
                given["model.name"] = found;
        }
        catch (ModelException)
        {
            // Resolve reports the reason.
        }
    }

    private static bool IsFile(object name) => ModelCatalog.Kinds.Any(kind => kind.IsFile && kind.Name.Equals(name));

    private static ModelFileKind Recognize(string file) =>
        ModelFile.Recognize(file, (message, inner) => new ModelException(message, inner));

    /// <summary>Returns the spec with these keys. A file that cannot be used is a mistake.</summary>
    /// <param name="spec">A spec that names a file.</param>
    /// <param name="given">The keys that were given.</param>
    /// <param name="mistakes">Receives the mistakes.</param>
    public static RunSpec Resolve(RunSpec spec, IReadOnlyDictionary<string, object> given, List<SpecMistake> mistakes)
    {
        var file = spec.Model.File;
        try
        {
            var kind = Recognize(file);
            if (FindName(kind) is not { } name)
                throw new ModelException($"{file} {ModelFile.Refusal(kind)}");
            if (ModelCatalog.Get(spec.Model.Name).IsFile || !given.ContainsKey("model.name"))
                spec = spec with { Model = spec.Model with { Name = name } };
            if (kind == ModelFileKind.TorchScript)
                TorchScriptFile.Check(file, spec.Model.Trusted);
            else
                spec = WithBatch(spec, ExportedProgram.Open(file, spec.Model.Output), given, mistakes);
            return spec with { Model = spec.Model with { Checksum = TorchScriptFile.Sha256(file) } };
        }
        catch (GyreException error) when (error is ModelException or TorchScriptException or ExportedProgramException)
        {
            mistakes.Add(new("model.file", error.Message));
            return spec;
        }
    }

    /// <summary>Returns the model that reads files of a kind; null if there is none.</summary>
    public static string? FindName(ModelFileKind kind) =>
        kind switch
        {
            ModelFileKind.Exported => ModelNames.Exported,
            ModelFileKind.TorchScript => ModelNames.TorchScript,
            _ => null,
        };

    private static RunSpec WithBatch(
        RunSpec spec,
        ExportedProgram program,
        IReadOnlyDictionary<string, object> given,
        List<SpecMistake> mistakes
    )
    {
        var most = program.Batch ?? program.BatchRange.Most;
        var chosen = spec.Objective.Chunk;
        var fits = program.Batch is { } batch ? chosen == batch : chosen <= (most ?? long.MaxValue);
        if (fits || most is not { } size)
            return spec;
        if (!given.ContainsKey("objective.chunk"))
            return spec with { Objective = spec.Objective with { Chunk = (int)Math.Min(size, int.MaxValue) } };
        var allowed = program.Batch is null ? $"at most {size}" : $"{size}";
        mistakes.Add(
            new(
                "objective.chunk",
                $"{chosen} samples per chunk, but {spec.Model.File} was exported for {allowed} at a time. Remove "
                    + $"the key, or export the module for any batch size: {ExportedModel.HowToExportBatches}"
            )
        );
        return spec;
    }
}
