using System.IO.Compression;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

/// <summary>The real files were exported by PyTorch (TestKit/TorchScript/make.py).</summary>
public sealed class TorchScriptFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_module_that_PyTorch_exported_is_loaded_and_called()
    {
        using var scope = NewDisposeScope();
        using var module = TorchScriptFile.Load(ExportedNetworks.File("traced.pt"));

        Assert.Equal(
            ["a.weight", "a.bias", "b.weight", "b.bias", "unused.weight", "unused.bias"],
            module.named_parameters().Select(parameter => parameter.name)
        );
        Assert.Equal([5L, 3L], module.call(zeros(5, 3)).shape);
    }

    [Theory]
    [InlineData("state_dict.pt", "torch.save")]
    [InlineData("make.py", "is neither an exported program nor TorchScript")]
    [InlineData("x.npy", "is neither an exported program nor TorchScript")]
    [InlineData("missing.pt", "cannot be read")]
    public void What_is_not_such_a_file_is_named(string name, string words) =>
        Assert.Contains(words, Refused(ExportedNetworks.File(name)), StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_weight_norm_is_refused_whose_curvature_would_be_wrong(bool trusted)
    {
        using var folder = new TemporaryFolder();
        var path = ScriptArchive.Save(
            folder["m.pt"],
            "w = torch._weight_norm(self.v, self.g)\nreturn torch.linear(x, w)",
            "Tensor",
            ("v", SavedTensor.Matrix(2, 2, [1, 2, 3, 4])),
            ("g", SavedTensor.Matrix(2, 1, [1, 2]))
        );
        var error = Assert.Throws<TorchScriptException>(() => TorchScriptFile.Check(path, trusted));
        Assert.Contains("calls torch._weight_norm (m/code/__torch__.py, line", error.Message, StringComparison.Ordinal);
        Assert.Contains("remove_weight_norm", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_dict_says_how_to_export() =>
        Assert.Contains(
            "torch.jit.trace(model, x).save",
            Refused(ExportedNetworks.File("state_dict.pt")),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_was_cut()
    {
        var whole = File.ReadAllBytes(ExportedNetworks.File("traced.pt"));
        foreach (
            var length in new[] { 0, 1, 3, 4, 30, 100, 1000, whole.Length / 2, whole.Length - 30, whole.Length - 1 }
        )
        {
            File.WriteAllBytes(_folder["cut.pt"], whole[..length]);
            Assert.NotEmpty(Refused(_folder["cut.pt"]));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x02, 0x63, 0, 0, 0, 0, 0, 0 }, "is a pickle")]
    [InlineData(new byte[] { 8, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "safetensors")]
    [InlineData(new byte[0], "is empty")]
    public void Other_formats_are_told_by_their_first_bytes(byte[] bytes, string words)
    {
        File.WriteAllBytes(_folder["other.pt"], bytes);
        Assert.Contains(words, Refused(_folder["other.pt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_bomb_is_refused_before_anything_is_unpacked()
    {
        using (var zip = ZipFile.Open(_folder["bomb.pt"], ZipArchiveMode.Create))
        {
            Add(zip, "m/code/m.py", 1);
            Add(zip, "m/constants.pkl", 1);
            Add(zip, "m/data/0", 60 << 20);
        }
        Assert.True(new FileInfo(_folder["bomb.pt"]).Length < 1 << 20);
        Assert.Contains("would unpack to", Refused(_folder["bomb.pt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_archive_of_anything_else_is_refused()
    {
        using (var zip = ZipFile.Open(_folder["other.zip"], ZipArchiveMode.Create))
            Add(zip, "readme.txt", 5);
        Assert.Contains("no code", Refused(_folder["other.zip"]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_libtorch_cannot_read_is_an_exception_with_its_words()
    {
        using (var zip = ZipFile.Open(_folder["hollow.pt"], ZipArchiveMode.Create))
        {
            Add(zip, "m/code/m.py", 5);
            Add(zip, "m/constants.pkl", 5);
        }
        Assert.Contains(
            "cannot be loaded by libtorch",
            Assert.Throws<TorchScriptException>(() => TorchScriptFile.Load(_folder["hollow.pt"])).Message,
            StringComparison.Ordinal
        );
    }

    private static string Refused(string path) =>
        Assert.Throws<TorchScriptException>(() => TorchScriptFile.Check(path)).Message;

    private static void Add(ZipArchive zip, string name, int bytes)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        entry.Write(new byte[bytes]);
    }
}
