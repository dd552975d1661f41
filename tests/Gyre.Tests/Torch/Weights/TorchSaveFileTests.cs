using System.Text.Json;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Weights;

/// <summary>Files that PyTorch itself wrote, against what PyTorch says is in them.</summary>
public sealed class TorchSaveFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kinds.pt")]
    [InlineData("strides.pt")]
    [InlineData("protocol4.pt")]
    public void Tensors_are_what_pytorch_says_they_are(string file)
    {
        PyTorchProgram.Run("tensors.py", _folder.Path);
        using var scope = NewDisposeScope();
        var tensors = TorchSaveFile.ReadTensors(File.OpenRead(_folder[file]), file);
        var truth = Truth(file);
        Assert.Equal(truth.Select(one => one.Name), tensors.Keys);
        foreach (var one in truth)
            Check(one.Value, tensors[one.Name]);
    }

    [Fact]
    public void Tensors_that_shared_memory_share_it()
    {
        PyTorchProgram.Run("tensors.py", _folder.Path);
        using var scope = NewDisposeScope();
        var tensors = TorchSaveFile.ReadTensors(File.OpenRead(_folder["strides.pt"]), "strides.pt");
        Assert.Same(tensors["whole"], tensors["same"]);
        tensors["whole"].fill_(7);
        Assert.Equal(7, Host.Number(tensors["one"]));
        Assert.All(Host.Numbers(tensors["turned"]), value => Assert.Equal(7, value));
        Assert.Equal([1, 6], tensors["turned"].stride());
    }

    [Fact]
    public void A_tensor_alone_is_read_and_outlives_its_file()
    {
        PyTorchProgram.Run("tensors.py", _folder.Path);
        using var live = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        Check(
            Truth("alone.pt").Single().Value,
            TorchSaveFile.ReadTensor(File.OpenRead(_folder["alone.pt"]), "alone.pt")
        );
    }

    private JsonProperty[] Truth(string file) =>
        [
            .. JsonDocument
                .Parse(File.ReadAllText(_folder["truth.json"]))
                .RootElement.GetProperty(file)
                .EnumerateObject(),
        ];

    private static void Check(JsonElement truth, Tensor tensor)
    {
        Assert.Equal(truth.GetProperty("dtype").GetString(), Name(tensor.dtype));
        Assert.Equal(truth.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), tensor.shape);
        Assert.Equal(
            truth.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()),
            Host.Numbers(tensor)
        );
        Assert.Equal(truth.GetProperty("trains").GetBoolean(), tensor.requires_grad);
    }

    private static string Name(ScalarType dtype) =>
        dtype == ScalarType.Byte ? "uint8" : dtype.ToString().ToLowerInvariant();
}
