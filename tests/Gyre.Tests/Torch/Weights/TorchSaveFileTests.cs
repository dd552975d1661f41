using System.Text.Json;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Weights;

/// <summary>Files that PyTorch itself wrote, against what PyTorch says is in them.</summary>
public sealed class TorchSaveFileTests(PyTorchFiles files) : IClassFixture<PyTorchFiles>
{
    [Theory]
    [InlineData("kinds.pt")]
    [InlineData("strides.pt")]
    [InlineData("protocol4.pt")]
    public void Tensors_are_what_pytorch_says_they_are(string file)
    {
        using var scope = NewDisposeScope();
        var tensors = TorchSaveFile.ReadTensors(File.OpenRead(PathOf(file)), file);
        var truth = Truth(file);
        Assert.Equal(truth.Select(one => one.Name), tensors.Keys);
        foreach (var one in truth)
            Check(one.Value, tensors[one.Name]);
    }

    [Fact]
    public void Tensors_that_shared_memory_share_it()
    {
        using var scope = NewDisposeScope();
        var tensors = TorchSaveFile.ReadTensors(File.OpenRead(PathOf("strides.pt")), "strides.pt");
        Assert.Same(tensors["whole"], tensors["same"]);
        tensors["whole"].fill_(7);
        Assert.Equal(7, Host.Number(tensors["one"]));
        Assert.All(Host.Numbers(tensors["turned"]), value => Assert.Equal(7, value));
        Assert.Equal([1, 6], tensors["turned"].stride());
    }

    [Fact]
    public void A_tensor_alone_is_read_and_outlives_its_file()
    {
        using var live = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        Check(
            Truth("alone.pt").Single().Value,
            TorchSaveFile.ReadTensor(File.OpenRead(PathOf("alone.pt")), "alone.pt")
        );
    }

    [Fact]
    public void The_format_before_1_6_and_whole_modules_are_refused_with_the_line_that_makes_the_right_file()
    {
        var old = Assert.Throws<WeightsException>(() => WeightsFile.Read(PathOf("old.pt")));
        Assert.Contains("torch.save(torch.load(\"old.pt\"), \"old.pt\")", old.Message, StringComparison.Ordinal);
        var module = Assert.Throws<WeightsException>(() => WeightsFile.Read(PathOf("module.pt")));
        Assert.Contains("torch.nn.modules.container.Sequential", module.Message, StringComparison.Ordinal);
        Assert.Contains("torch.save(model.state_dict(),", module.Message, StringComparison.Ordinal);
    }

    private string PathOf(string file) => Path.Combine(files.Folder("tensors.py"), file);

    private JsonProperty[] Truth(string file) =>
        [.. JsonDocument.Parse(File.ReadAllText(PathOf("truth.json"))).RootElement.GetProperty(file).EnumerateObject()];

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
