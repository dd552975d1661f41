using System.Text;

namespace Gyre.Tests.TestKit;

/// <summary>
/// An instance of a class with its attributes: tensors, whole numbers, flags, nothing (null), or further instances.
/// </summary>
internal sealed record ScriptObject(string Class, params (string Name, object? Value)[] Attributes);

/// <summary>
/// Writes TorchScript files without PyTorch: the code as it stands, and the module's values as a pickle (protocol 2).
/// </summary>
internal static class ScriptArchive
{
    /// <summary>
    /// A module of class __torch__.Net with the attributes given and one function, whose body computes from <c>self</c>
    /// and <c>x</c>.
    /// </summary>
    public static string Save(
        string path,
        string body,
        string returns = "Tensor",
        params (string Name, object? Value)[] attributes
    )
    {
        var declared = string.Concat(
            attributes.Select(one => $"  {one.Name} : {(one.Value is SavedTensor ? "Tensor" : "int")}\n")
        );
        var trained = string.Concat(
            attributes.Where(one => one.Value is SavedTensor { Trained: true }).Select(one => $"\"{one.Name}\", ")
        );
        var code =
            $"class Net(Module):\n  __parameters__ = [{trained}]\n  __buffers__ = []\n{declared}  training : bool\n"
            + $"  def forward(self: __torch__.Net,\n    x: Tensor) -> {returns}:\n"
            + string.Concat(body.Split('\n').Select(line => $"    {line}\n"));
        return Write(path, code, new ScriptObject("__torch__ Net", [.. attributes, ("training", false)]));
    }

    /// <summary>Any code, and the module.</summary>
    public static string Write(string path, string code, ScriptObject module)
    {
        var (pickle, storages) = PickleWriter.Write(module, wrapsParameters: false);
        byte[] bytes = SavedFile.Zip([
            .. storages.Select((storage, index) => ($"m/data/{index}", storage.Bytes)),
            ("m/data.pkl", pickle),
            ("m/code/__torch__.py", Encoding.UTF8.GetBytes(code)),
            ("m/constants.pkl", [0x80, 2, (byte)')', (byte)'.']),
            ("m/version", "3\n"u8.ToArray()),
        ]);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
