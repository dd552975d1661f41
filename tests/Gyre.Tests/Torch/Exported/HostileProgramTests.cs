using System.IO.Compression;
using System.Text;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>Files that were made to harm: nothing of them runs, and what they ask for is held against what they hold.</summary>
public sealed class HostileProgramTests : IDisposable
{
    private const string Code = "x)\n  import os\n  os.remove(\"/tmp/a\")";
    private const long MostBytes = 64 << 20;

    private readonly ProgramFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new long[] { 7 }, new long[] { 1 }, 0, "reaches number 6 of a storage with 6")]
    [InlineData(new long[] { 6 }, new long[] { 1 }, 1, "reaches number 6")]
    [InlineData(new long[] { 2, 3 }, new long[] { 4, 1 }, 0, "reaches number 6")]
    [InlineData(new long[] { 1 }, new long[] { 1 }, long.MaxValue, "reaches")]
    [InlineData(new long[] { 2 }, new long[] { long.MaxValue }, 1, "")]
    [InlineData(new[] { long.MaxValue, 2L }, new long[] { 0, 0 }, 0, "")]
    [InlineData(new[] { long.MaxValue, long.MaxValue }, new long[] { 0, 0 }, 0, "")]
    [InlineData(new long[] { 1L << 40 }, new long[] { 0 }, 0, "1099511627776")]
    [InlineData(new long[] { -1 }, new long[] { 1 }, 0, "negative")]
    [InlineData(new long[] { 2 }, new long[] { -1 }, 3, "negative")]
    [InlineData(new long[] { 2 }, new long[] { 1 }, -1, "negative")]
    [InlineData(new long[] { 2 }, new long[] { }, 0, "1 sizes and 0 strides")]
    public void A_tensor_that_does_not_lie_in_its_storage_is_refused(
        long[] sizes,
        long[] strides,
        long offset,
        string why
    )
    {
        var program = new ProgramBuilder();
        program.Parameter(
            "layer.weight",
            new SavedTensor(new SavedStorage([1, 2, 3, 4, 5, 6]), sizes, strides, offset)
        );
        program.Output(program.Input("x", ScalarType.Float32, [null]));
        foreach (var layout in Enum.GetValues<ProgramLayout>())
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var message = _folder.Refusal(program, layout);
            Assert.Contains("layer.weight", message, StringComparison.Ordinal);
            if (layout == ProgramLayout.Folders)
                Assert.Contains(why, message, StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }
    }

    /// <summary>Each is as large as one mask may be; converted, all would take hundreds of gigabytes.</summary>
    [Fact]
    public void Expanded_tensors_are_bounded_together()
    {
        var program = new ProgramBuilder();
        var storage = new SavedStorage(ScalarType.BFloat16, [0, 0, 0, 0]);
        for (var i = 0; i < 200; i++)
            program.Buffer($"mask{i}", new SavedTensor(storage, [(1 << 27) - i], [0], i % 2));
        program.Output(program.Input("x", ScalarType.Float32, [null]));
        foreach (var layout in Enum.GetValues<ProgramLayout>())
            Assert.Contains("but the file has only", _folder.Refusal(program, layout), StringComparison.Ordinal);
    }

    /// <summary>A table seen a billion times over, beside a parameter of the same storage.</summary>
    [Theory]
    [InlineData(new long[] { 1 << 14, 1 << 13, 2 }, new long[] { 0, 0, 7 }, false)]
    [InlineData(new long[] { 1 << 14, 1 << 13, 2 }, new long[] { 0, 0, 3 }, true)]
    [InlineData(new long[] { 1 << 14, 1 << 13 }, new long[] { 1, 1 }, true)]
    public void Memory_is_compared_without_counting_what_was_expanded(long[] sizes, long[] strides, bool isShared)
    {
        using var scope = NewDisposeScope();
        var storage = zeros(1 << 15, ScalarType.Float32, CPU);
        var parameter = storage.as_strided([2], [1], 3).requires_grad_();
        var trouble = Gyre.Torch.DistinctParameters.Trouble([
            ("weight", parameter),
            ("table", storage.as_strided(sizes, strides, 0)),
        ]);
        Assert.Equal(isShared, trouble is not null);
    }

    [Fact]
    public void More_dimensions_than_a_tensor_has_are_refused()
    {
        long[] ones = [.. Enumerable.Repeat(1L, 65)];
        var program = new ProgramBuilder();
        program.Parameter("weight", new SavedTensor(new SavedStorage([1]), ones, ones));
        program.Output(program.Input("x", ScalarType.Float32, [null]));
        foreach (var layout in Enum.GetValues<ProgramLayout>())
            Assert.Contains("65 sizes", _folder.Refusal(program, layout), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_flags_and_types_without_a_name_are_refused()
    {
        var program = new ProgramBuilder();
        program.Buffer("mask", new SavedTensor(new SavedStorage(ScalarType.Bool, [0, 1, 2]), [3], [1]));
        program.Output(program.Input("x", ScalarType.Float32, [null]));
        foreach (var layout in Enum.GetValues<ProgramLayout>())
            Assert.Contains("other than 0 and 1", _folder.Refusal(program, layout), StringComparison.Ordinal);
        var parts = ProgramArchive
            .Entries(program, ProgramLayout.Folders)
            .Select(part => (part.Name, Replaced(part.Bytes, "\"dtype\":12", "\"dtype\":29")));
        Assert.Contains("type or layout is not supported", _folder.Refusal(parts), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_never_become_code()
    {
        var program = new ProgramBuilder { Module = Code };
        var weight = program.Parameter(Code, new SavedTensor(new SavedStorage([1, 2]), [2], [1]));
        var x = program.Input(Code + "2", ScalarType.Float32, null, 2);
        program.Output(program.Call("mul.Tensor", ("self", x), ("other", weight)));
        ProgramArchive.Save(_folder.Path, program);
        var (_, graph) = ExportedArchive.ReadGraph(_folder.Path);
        var text = GraphText.Write(graph, ProgramCheck.FindOutput(graph, "")!, ScalarType.Float64, "cpu").Text;
        Assert.DoesNotContain("import", text, StringComparison.Ordinal);
        Assert.DoesNotContain("os", text.Replace("ops", "", StringComparison.Ordinal), StringComparison.Ordinal);
        using var module = ExportedProgram.Open(_folder.Path).Load(ScalarType.Float64, CPU);
        using var scope = NewDisposeScope();
        Assert.Equal([1, 2], Gyre.Torch.Host.Numbers(module.Call(ones([1, 2], ScalarType.Float64))));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("overload")]
    [InlineData("argument")]
    [InlineData("argument that compiles")]
    [InlineData("text")]
    [InlineData("number")]
    [InlineData("module")]
    public void Code_in_other_places_is_refused(string place)
    {
        var program = new ProgramBuilder { Module = place == "module" ? Code : "" };
        var x = program.Input("x", ScalarType.Float32, null, 2);
        program.Output(
            place switch
            {
                "operator" => program.Call($"torch.ops.aten.{Code}.default", ("self", x)),
                "overload" => program.Call($"torch.ops.aten.relu.{Code}", ("self", x)),
                "argument" => program.Call("relu", ("self", x), (Code, 1L)),
                "argument that compiles" => program.Call(
                    "add.Tensor",
                    ("self", x),
                    ("other=v0) + ops.aten.mul(v0, other", 1L)
                ),
                "text" => program.Call("gelu", ("self", x), ("approximate", "tanh\") + (\"" + Code)),
                "number" => program.Call("add.Tensor", ("self", x), ("other", new ProgramValue("as_float", Code))),
                _ => program.Call("randn_like", ("self", x)),
            }
        );
        var message = _folder.Refusal(program); // one line, without control characters
        Assert.InRange(message.Length, 10, 800);
    }

    [Theory]
    [InlineData("../models/model.json")]
    [InlineData("model/../../models/model.json")]
    [InlineData("/models/model.json")]
    public void Names_in_the_archive_are_never_paths(string name)
    {
        var parts = ProgramArchive
            .Entries(Linear(), ProgramLayout.Folders)
            .Select(part => (part.Name == "model/models/model.json" ? name : part.Name, part.Bytes));
        _folder.Refusal(parts);
        Assert.Single(Directory.EnumerateFileSystemEntries(System.IO.Path.GetDirectoryName(_folder.Path)!));
    }

    [Fact]
    public void A_tensor_is_looked_for_in_the_archive_alone()
    {
        File.WriteAllBytes(_folder.Path + ".secret", new byte[64]);
        var parts = ProgramArchive
            .Entries(Linear(), ProgramLayout.Folders)
            .Select(part => (part.Name, Replaced(part.Bytes, "\"weight_0\"", "\"../../../model.pt2.secret\"")));
        Assert.Contains(
            "its part ../../../model.pt2.secret is missing",
            _folder.Refusal(parts),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Two_parts_of_one_name_are_refused()
    {
        var parts = ProgramArchive.Entries(Linear(), ProgramLayout.Folders);
        Assert.Contains("two parts named", _folder.Refusal([.. parts, parts[0]]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model/models/model.json")]
    [InlineData("model/data/weights/weight_0")]
    [InlineData("model/unused")]
    public void A_part_that_unpacks_to_far_more_than_the_file_is_refused(string name)
    {
        var parts = ProgramArchive.Entries(Linear(), ProgramLayout.Folders).Where(part => part.Name != name);
        var large = new byte[64 << 20];
        Array.Fill(large, (byte)' ');
        File.WriteAllBytes(_folder.Path, SavedFile.Zip([.. parts, (name, large)], CompressionLevel.Optimal));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("would unpack to", _folder.Refusal(), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        foreach (var (open, close) in new[] { ("[", "]"), ("{\"a\":", "}") })
        {
            var deep =
                string.Concat(Enumerable.Repeat(open, 100_000))
                + "1"
                + string.Concat(Enumerable.Repeat(close, 100_000));
            Assert.Contains("not valid JSON", Refused(Encoding.UTF8.GetBytes(deep)), StringComparison.Ordinal);
        }
        var graph = Linear();
        for (var i = 0; i < 60; i++)
            graph = Wrapped(graph);
        Assert.Contains("not valid JSON", _folder.Refusal(graph), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_nodes_are_refused()
    {
        var json = ProgramArchive.Json(Linear(), ProgramLayout.Folders);
        var nodes = json["graph_module"]!["graph"]!["nodes"]!.AsArray();
        var text = nodes[0]!.ToJsonString();
        nodes.Clear();
        nodes.Add("here");
        var many = string.Join(',', Enumerable.Repeat(text, GraphReader.MostNodes + 1));
        var whole = json.ToJsonString().Replace("\"here\"", many, StringComparison.Ordinal);
        Assert.Contains("200001 nodes", Refused(Encoding.UTF8.GetBytes(whole)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"major\":8", "\"major\":1e400")]
    [InlineData("\"major\":8", "\"major\":4294967304")]
    [InlineData("\"major\":8", "\"major\":-9223372036854775808")]
    [InlineData("\"nodes\":[", "\"nodes\":[null,")]
    [InlineData("\"nodes\":[", "\"nodes\":{},\"other\":[")]
    [InlineData("\"name\":\"x\"", "\"name\":null")]
    [InlineData("\"name\":\"x\"", "\"name\":7")]
    [InlineData("\"name\":\"x\"", "\"name\":\"\\ud800\"")]
    [InlineData(
        "\"user_output\":{\"arg\":{\"as_tensor\":{\"name\":\"linear\"",
        "\"user_output\":{\"arg\":{\"as_tensor\":{\"name\":\"never\""
    )]
    [InlineData("\"as_tensor\"", "\"as_tensors\"")]
    [InlineData("\"user_output\"", "\"user_outcome\"")]
    [InlineData("\"parameter_name\":\"weight\"", "\"parameter_name\":\"elsewhere\"")]
    [InlineData("\"parameter_name\":\"weight\"", "\"parameter_name\":{}")]
    [InlineData("{\"as_int\":2}", "{\"as_int\":2.5}")]
    [InlineData("{\"as_int\":2}", "{\"as_int\":\"2\"}")]
    [InlineData("{\"as_int\":2}", "{}")]
    [InlineData("\"expr_str\":\"s0\"", "\"expr_str\":{}")]
    public void What_is_not_of_the_schema_is_one_sentence(string from, string to)
    {
        var json = ProgramArchive.Json(Linear(), ProgramLayout.Folders).ToJsonString();
        Assert.Contains(from, json, StringComparison.Ordinal);
        Assert.InRange(Refused(Replaced(Encoding.UTF8.GetBytes(json), from, to)).Length, 10, 800);
    }

    [Fact]
    public void A_million_parts_that_nobody_needs_cost_no_more_than_reading_their_names()
    {
        ManyParts.Write(_folder.Path, 1_000_000, ProgramArchive.Entries(Linear(), ProgramLayout.Folders));
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var module = ExportedProgram.Open(_folder.Path).Load(ScalarType.Float32, CPU);
        Assert.Single(module.Tensors);
        // a dozen readings of the directory, some 400 bytes an entry each
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000_000, 0, 8000);
    }

    private string Refused(byte[] json) =>
        _folder.Refusal(ProgramArchive.Entries(Linear(), ProgramLayout.Folders, json));

    private static byte[] Replaced(byte[] text, string from, string to) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(text).Replace(from, to, StringComparison.Ordinal));

    private static ProgramBuilder Wrapped(ProgramBuilder inner)
    {
        var program = new ProgramBuilder();
        var x = program.Input("x", ScalarType.Float32, null, 2);
        program.Output(
            program.CallList(
                "torch.ops.higher_order.wrap_with_set_grad_enabled",
                1,
                ("", false),
                ("", ProgramValue.Graph("submod_1", inner)),
                ("", x)
            )[0]
        );
        return program;
    }

    private static ProgramBuilder Linear()
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", new SavedTensor(new SavedStorage([1, 2, 3, 4]), [2, 2], [2, 1]));
        var x = program.Input("x", ScalarType.Float32, null, 2);
        program.Output(program.Call("linear", ("input", x), ("weight", weight)));
        return program;
    }
}
