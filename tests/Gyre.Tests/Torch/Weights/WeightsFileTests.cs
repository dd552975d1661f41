using System.Text;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Weights;

/// <summary>What a file of weights is, told by what it holds, and where in it the weights lie.</summary>
public sealed class WeightsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("w.pt")]
    [InlineData("w.safetensors")]
    [InlineData("w")]
    public void The_name_of_a_file_says_nothing_of_its_kind(string name)
    {
        Save(name, State("a", "b"));
        Assert.Equal(["a", "b"], WeightsFile.Read(_folder[name]).Tensors.Keys);
        Safetensors.Write(_folder[name], new Dictionary<string, Tensor> { ["c"] = ones(2) });
        var content = WeightsFile.Read(_folder[name]);
        Assert.Equal((WeightsForm.Safetensors, "c"), (content.Form, Assert.Single(content.Tensors).Key));
        WeightsFile.Check(_folder[name]);
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("model")]
    public void Weights_below_a_level_are_found_and_their_surroundings_reported(string level)
    {
        Save("w.pt", new PickledPairs(("epoch", 7), (level, State("a")), ("args", new PickledName("my.code", "Args"))));
        var content = WeightsFile.Read(_folder["w.pt"]);
        Assert.Equal("a", Assert.Single(content.Tensors).Key);
        Assert.Equal(7, content.Numbers["epoch"]);
        Assert.Equal(
            $"weights are read from \"{level}\"; the file also has \"epoch\", \"args\"",
            Assert.Single(content.Notes)
        );
    }

    [Fact]
    public void Levels_within_levels_are_found_and_several_side_by_side_refused()
    {
        Save("w.pt", new PickledPairs(("model", new PickledPairs(("state_dict", State("a"))))));
        Assert.Contains("\"model\" → \"state_dict\"", Assert.Single(WeightsFile.Read(_folder["w.pt"]).Notes), Ordinal);
        Save("w.pt", new PickledPairs(("model", State("a")), ("state_dict", State("b"))));
        Refused("several dictionaries that may be the weights: \"state_dict\", \"model\"", "w.pt");
    }

    [Fact]
    public void Without_weights_the_keys_there_are_and_the_line_that_saves_some_are_told()
    {
        Save("w.pt", new PickledPairs(("net", State("a")), ("epoch", 3)));
        Refused(
            "It has the keys \"net\", \"epoch\". In Python: torch.save(model.state_dict(), \"weights.pt\")",
            "w.pt"
        );
        Save("w.pt", new PickledList(1, 2));
        Refused("contains a list, not a state dict", "w.pt");
        Save("w.pt", PickledTensor.Vector("0", 2));
        Refused("contains one tensor without a name", "w.pt");
        Save("w.pt", new PickledPairs(("model", new PickledCall(new PickledName("mine", "Net")))));
        Refused("its \"model\" is an object of mine.Net, saved whole", "w.pt");
    }

    [Fact]
    public void Values_that_are_no_tensors_are_kept_by_name_with_what_they_are()
    {
        var quantized = new PickledCall(new PickledName("torch._utils", "_rebuild_qtensor"));
        Save(
            "w.pt",
            new PickledPairs(("a", PickledTensor.Vector("0", 2)), ("b", quantized), ("c", 3), ("d._extra_state", "x"))
        );
        var content = WeightsFile.Read(_folder["w.pt"]);
        Assert.Equal("a", Assert.Single(content.Tensors).Key);
        Assert.Equal("an unsupported value (torch._utils._rebuild_qtensor)", content.Unread["b"]);
        Assert.Equal("a number", content.Unread["c"]);
        Assert.Contains("d._extra_state is left out", Assert.Single(content.Notes), Ordinal);
    }

    [Fact]
    public void An_index_of_shards_is_read_from_the_files_beside_it()
    {
        Shards();
        foreach (var path in new[] { _folder.Path, _folder["model.safetensors.index.json"] })
        {
            var content = WeightsFile.Read(path);
            Assert.Equal(["a", "b", "c"], content.Tensors.Keys.Order());
            Assert.Contains(
                "one.safetensors has 1 tensors that the index does not name",
                Assert.Single(content.Notes),
                Ordinal
            );
            WeightsFile.Check(path);
        }
    }

    [Fact]
    public void The_checksum_of_an_index_is_of_its_shards()
    {
        Shards();
        var before = WeightsFile.Sha256(_folder.Path);
        Assert.Equal(before, WeightsFile.Sha256(_folder["model.safetensors.index.json"]));
        Safetensors.Write(_folder["two.safetensors"], new Dictionary<string, Tensor> { ["c"] = zeros(2) });
        Assert.NotEqual(before, WeightsFile.Sha256(_folder.Path));
        Assert.Equal(
            TorchScriptFile.Sha256(_folder["one.safetensors"]),
            WeightsFile.Sha256(_folder["one.safetensors"])
        );
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../w.safetensors"}}""", "is not in the same folder")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "is not in the same folder")]
    [InlineData("""{"weight_map":{"a":".."}}""", "is not in the same folder")]
    [InlineData("""{"weight_map":{"a":3}}""", "cannot be read as an index")]
    [InlineData("""{"weight_map":{"a":"w.safetensors","a":"w.safetensors"}}""", "twice")]
    [InlineData("""{"weight_map":{}}""", "0 files")]
    [InlineData("""{"map":{}}""", "no \"weight_map\"")]
    [InlineData("""{"weight_map":""", "cannot be read as an index")]
    [InlineData("""{"weight_map":{"z":"w.safetensors"}}""", "has no tensor z")]
    [InlineData("""{"weight_map":{"a":"gone.safetensors"}}""", "cannot be read")]
    [InlineData("""{"weight_map":{"a":"i.json"}}""", "is an index, but ")]
    public void An_index_that_leads_elsewhere_is_refused(string json, string words)
    {
        Safetensors.Write(_folder["w.safetensors"], new Dictionary<string, Tensor> { ["a"] = ones(2) });
        File.WriteAllText(_folder["i.json"], json);
        Refused(words, "i.json");
    }

    [Fact]
    public void A_folder_has_exactly_one_file_of_weights()
    {
        Refused("a folder without a weights file", "");
        Save("w.pt", State("a"));
        Save("optimizer.pt", Adam());
        File.WriteAllText(_folder["training_args.bin"], "");
        Assert.Equal("a", Assert.Single(WeightsFile.Read(_folder.Path).Tensors).Key);
        Save("v.ckpt", State("a"));
        Refused("2 files that may be the weights: v.ckpt, w.pt. Name one of them", "");
    }

    [Fact]
    public void An_optimizer_beside_the_only_weights_of_a_folder_is_read_where_it_is_asked_for()
    {
        Save("model.pt", State("a"));
        Save("optimizer.pt", Adam());
        Assert.Null(WeightsFile.Read(_folder["model.pt"]).Optimizer);
        var optimizer = WeightsFile.Read(_folder["model.pt"], withOptimizer: true).Optimizer!;
        Assert.Equal(
            ("optimizer.pt", 12.0, 1e-3),
            (optimizer.Source, optimizer.Parameters[0].Step, optimizer.Groups[0].Numbers["lr"])
        );
        Assert.Equal([1, 2], Host.Numbers(optimizer.Parameters[0].Tensors["exp_avg_sq"]));
        Save("other.pt", State("a"));
        Assert.Null(WeightsFile.Read(_folder["model.pt"], withOptimizer: true).Optimizer);
    }

    [Fact]
    public void An_optimizer_that_is_none_is_reported()
    {
        Save(
            "w.pt",
            new PickledPairs(("model", State("a")), ("optimizer", new PickledCall(new PickledName("mine", "Opt"))))
        );
        var content = WeightsFile.Read(_folder["w.pt"], withOptimizer: true);
        Assert.Null(content.Optimizer);
        Assert.Contains("optimizer's state in \"optimizer\" is not read", content.Notes[1], Ordinal);
        Assert.EndsWith(": an unsupported value (mine.Opt)", content.Notes[1], Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\u0080\u0002]", "torch.save(torch.load(\"w\"), \"w\")")]
    [InlineData("PK\u0003\u0004", "truncated or damaged")]
    [InlineData("hello", "is not a weights file")]
    [InlineData("{", "index of shards")]
    public void Other_files_are_refused_by_what_they_are(string text, string words)
    {
        File.WriteAllBytes(_folder["w"], Encoding.Latin1.GetBytes(text));
        Refused(words, "w");
    }

    [Fact]
    public void The_archive_of_the_first_pytorch_and_a_network_with_its_code_are_refused_by_name()
    {
        var tar = new byte[512];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        File.WriteAllBytes(_folder["w"], tar);
        Refused("before PyTorch 1.6", "w");
        var refused = Assert.Throws<WeightsException>(() => WeightsFile.Read(ExportedNetworks.File("traced.pt")));
        Assert.Contains("is TorchScript, a network with its weights: give it as model.file", refused.Message, Ordinal);
    }

    [Fact]
    public void Tensors_are_the_callers_and_nothing_else_stays()
    {
        var storage = new PickledStorage("0", "FloatStorage", 2);
        var tensor = new PickledTensor(storage, [2], [1]);
        Save("w.pt", new PickledPairs(("a", tensor), ("b", tensor), ("c", new PickledTensor(storage, [1], [1], 1))));
        using var live = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        var content = WeightsFile.Read(_folder["w.pt"]);
        Assert.Same(content.Tensors["a"], content.Tensors["b"]);
        Assert.Equal(2, scope.DisposablesCount);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static PickledPairs State(params string[] names) =>
        new([.. names.Select(name => ((object?)name, (object?)PickledTensor.Vector("0", 2)))]);

    private static PickledPairs Adam()
    {
        var slot = new PickledPairs(("step", 12), ("exp_avg_sq", PickledTensor.Vector("0", 2)));
        var group = new PickledPairs(
            ("lr", 1e-3),
            ("betas", new object?[] { 0.9, 0.999 }),
            ("params", new PickledList(0))
        );
        return new(("state", new PickledPairs((0, slot))), ("param_groups", new PickledList(group)));
    }

    private void Save(string name, object root) =>
        File.WriteAllBytes(_folder[name], SavedFile.Bytes(root, ("0", [1, 2])));

    private void Shards()
    {
        Safetensors.Write(
            _folder["one.safetensors"],
            new Dictionary<string, Tensor>
            {
                ["a"] = ones(2),
                ["b"] = ones(3),
                ["x"] = ones(1),
            }
        );
        Safetensors.Write(_folder["two.safetensors"], new Dictionary<string, Tensor> { ["c"] = ones(2) });
        File.WriteAllText(
            _folder["model.safetensors.index.json"],
            """{"metadata":{"total_size":28},"weight_map":{"a":"one.safetensors","c":"two.safetensors","b":"one.safetensors"}}"""
        );
    }

    private void Refused(string words, string file)
    {
        var refused = Assert.Throws<WeightsException>(() => WeightsFile.Read(Path.Combine(_folder.Path, file)));
        Assert.Contains(words, refused.Message, Ordinal);
        Assert.Contains(Path.GetFileName(_folder.Path), refused.Message, Ordinal);
    }
}
