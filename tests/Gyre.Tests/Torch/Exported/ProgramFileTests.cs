using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>Files by what they hold, whatever their names are.</summary>
public sealed class ProgramFileTests : IDisposable
{
    private readonly ProgramFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Kinds =>
        new()
        {
            { "empty", "is empty" },
            { "text", "is neither an exported program nor TorchScript" },
            { "pickle", "is a pickle, as torch.save wrote before PyTorch 1.6" },
            { "safetensors", "is a safetensors file: weights without a network" },
            { "state dict", "was written by torch.save" },
            { "compiled", "is a package of AOTInductor" },
            { "zip", "is a zip archive, but neither" },
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_of_another_kind_is_named_with_the_line_that_makes_the_right_one(string kind, string phrase)
    {
        File.WriteAllBytes(_folder.Path, Bytes(kind));
        var message = _folder.Refusal();
        Assert.Contains(phrase, message, StringComparison.Ordinal);
        Assert.Contains("torch.export.save(torch.export.export(model", message, StringComparison.Ordinal);
        var script = Assert.Throws<TorchScriptException>(() => TorchScriptFile.Check(_folder.Path)).Message;
        Assert.Contains(phrase, script, StringComparison.Ordinal);
    }

    [Fact]
    public void One_kind_given_as_the_other_is_told_apart()
    {
        ScriptArchive.Save(_folder.Path, "return x");
        Assert.Contains("is TorchScript, not an exported program", _folder.Refusal(), StringComparison.Ordinal);
        foreach (var layout in Enum.GetValues<ProgramLayout>())
        {
            ProgramArchive.Save(_folder.Path, Negation(), layout);
            var message = Assert.Throws<TorchScriptException>(() => TorchScriptFile.Check(_folder.Path)).Message;
            Assert.Contains("exported program", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Several_programs_in_one_archive_are_named()
    {
        var parts = ProgramArchive.Entries(Negation(), ProgramLayout.Folders);
        var message = _folder.Refusal([.. parts, ("model/models/second.json", parts[0].Bytes)]);
        Assert.Contains("contains 2 programs (model, second)", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("another/")]
    public void The_root_folder_may_have_any_name(string root)
    {
        var parts = ProgramArchive
            .Entries(Negation(), ProgramLayout.Folders)
            .Select(part => (root + part.Name["model/".Length..], part.Bytes));
        File.WriteAllBytes(_folder.Path, SavedFile.Zip(parts));
        using var module = ExportedProgram.Open(_folder.Path).Load(ScalarType.Float32, CPU);
        Assert.Single(module.Tensors);
    }

    [Fact]
    public void A_file_that_was_cut_off_is_damaged()
    {
        var bytes = SavedFile.Zip(ProgramArchive.Entries(Negation(), ProgramLayout.Folders));
        File.WriteAllBytes(_folder.Path, bytes[..(bytes.Length / 2)]);
        Assert.Contains("truncated or damaged", _folder.Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model/data/weights/weight_0", "tensor weight: its part weight_0 is missing")]
    [InlineData("model/data/weights/model_weights_config.json", "tensor weight: it is not in the file")]
    public void A_part_that_is_missing_is_named(string part, string why)
    {
        var parts = ProgramArchive.Entries(Negation(), ProgramLayout.Folders).Where(one => one.Name != part);
        Assert.Contains(why, _folder.Refusal(parts), StringComparison.Ordinal);
    }

    private static ProgramBuilder Negation()
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", new SavedTensor(new SavedStorage([1, 2]), [2], [1]));
        var x = program.Input("x", ScalarType.Float32, null, 2);
        program.Output(program.Call("mul.Tensor", ("self", x), ("other", weight)));
        return program;
    }

    private static byte[] Bytes(string kind) =>
        kind switch
        {
            "empty" => [],
            "text" => "import torch\n"u8.ToArray(),
            "pickle" => [0x80, 2, .. "}q\0."u8],
            "safetensors" => [2, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8],
            "state dict" => SavedFile.Bytes(new[] { ("weight", new SavedTensor(new SavedStorage([1, 2]), [2], [1])) }),
            "compiled" => SavedFile.Zip([
                ("model/archive_format", "pt2"u8.ToArray()),
                ("model/data/aotinductor/model/cabc.wrapper.so", new byte[64]),
                ("model/data/aotinductor/model/cabc.wrapper.json", "{}"u8.ToArray()),
            ]),
            _ => SavedFile.Zip([("notes.txt", "nothing"u8.ToArray())]),
        };
}
