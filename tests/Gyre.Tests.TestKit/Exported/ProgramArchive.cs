using System.Text.Json.Nodes;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>How a program lies in its archive.</summary>
internal enum ProgramLayout
{
    /// <summary>Since PyTorch 2.8: models/NAME.json and raw tensors, in one root folder.</summary>
    Folders,

    /// <summary>PyTorch 2.1 to 2.7: three parts, of which two are files of torch.save.</summary>
    Parts,
}

/// <summary>The parts of an archive of <c>torch.export.save</c>.</summary>
internal static class ProgramArchive
{
    private const string Root = "model";

    /// <summary>Writes a program.</summary>
    public static string Save(string path, ProgramBuilder program, ProgramLayout layout = ProgramLayout.Folders)
    {
        File.WriteAllBytes(path, SavedFile.Zip(Entries(program, layout)));
        return path;
    }

    /// <summary>Writes a program whose JSON is changed first.</summary>
    public static string Save(string path, ProgramBuilder program, ProgramLayout layout, Action<JsonObject> change)
    {
        var json = Json(program, layout);
        change(json);
        File.WriteAllBytes(path, SavedFile.Zip(Entries(program, layout, Utf8(json))));
        return path;
    }

    /// <summary>The parts of the archive, in the order in which PyTorch writes them.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="json">The graph's JSON; null for the program's own.</param>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Entries(
        ProgramBuilder program,
        ProgramLayout layout,
        byte[]? json = null
    )
    {
        var graph = json ?? Utf8(Json(program, layout));
        return layout == ProgramLayout.Folders ? Folders(program, graph) : Parts(program, graph);
    }

    /// <summary>The program's JSON in the version of the schema that wrote the layout.</summary>
    public static JsonObject Json(ProgramBuilder program, ProgramLayout layout) =>
        layout == ProgramLayout.Folders
            ? program.ProgramJson(8, 14, "2.9.0+cpu")
            : program.ProgramJson(8, 2, "2.6.0+cpu");

    /// <summary>The text of a JSON value.</summary>
    public static byte[] Utf8(JsonNode json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

    private static List<(string Name, byte[] Bytes)> Folders(ProgramBuilder program, byte[] graph)
    {
        var entries = new List<(string, byte[])> { ($"{Root}/models/model.json", graph) };
        var state = program.Tensors.Where(one => one.IsState);
        entries.AddRange(Payloads(state, "data/weights", "weights", "weight"));
        entries.AddRange(Payloads(program.Tensors.Where(one => !one.IsState), "data/constants", "constants", "tensor"));
        entries.Add(($"{Root}/data/sample_inputs/model.pt", SavedFile.Bytes(null)));
        entries.Add(($"{Root}/archive_format", "pt2"u8.ToArray()));
        entries.Add(($"{Root}/archive_version", "0"u8.ToArray()));
        entries.Add(($"{Root}/byteorder", "little"u8.ToArray()));
        entries.Add(($"{Root}/.data/serialization_id", "0123456789"u8.ToArray()));
        entries.Add(($"{Root}/.data/version", "6\n"u8.ToArray()));
        return entries;
    }

    /// <summary>Raw storages, each once however many tensors lie in it, and the list of tensors.</summary>
    private static IEnumerable<(string Name, byte[] Bytes)> Payloads(
        IEnumerable<ProgramTensor> tensors,
        string folder,
        string word,
        string prefix
    )
    {
        var storages = new List<SavedStorage>();
        var config = new JsonObject();
        foreach (var one in tensors)
        {
            var index = storages.FindIndex(storage => ReferenceEquals(storage, one.Value.Storage));
            if (index < 0)
            {
                index = storages.Count;
                storages.Add(one.Value.Storage);
            }
            config[one.Name] = new JsonObject
            {
                ["path_name"] = $"{prefix}_{index}",
                ["is_param"] = one.Kind == ProgramTensorKind.Parameter,
                ["use_pickle"] = false,
                ["tensor_meta"] = one.Meta(),
            };
        }
        return
        [
            .. storages.Select((storage, index) => ($"{Root}/{folder}/{prefix}_{index}", storage.Bytes)),
            ($"{Root}/{folder}/model_{word}_config.json", Utf8(new JsonObject { ["config"] = config })),
        ];
    }

    private static List<(string Name, byte[] Bytes)> Parts(ProgramBuilder program, byte[] graph) =>
        [
            ("version", "8.2"u8.ToArray()),
            ("serialized_exported_program.json", graph),
            ("serialized_state_dict.json", SavedFile.Bytes(Named(program.Tensors.Where(one => one.IsState)))),
            ("serialized_constants.json", SavedFile.Bytes(Named(program.Tensors.Where(one => !one.IsState)))),
            ("serialized_example_inputs.json", SavedFile.Bytes(null)),
        ];

    private static (string Name, SavedTensor Value)[] Named(IEnumerable<ProgramTensor> tensors) =>
        [.. tensors.Select(one => (one.Name, one.Value))];
}
