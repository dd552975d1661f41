using System.IO.Compression;
using System.Text;

namespace Gyre.Tests.TestKit;

/// <summary>Numbers of a TorchScript file that tensors lie in.</summary>
public sealed record ScriptStorage(float[] Values);

/// <summary>
/// A tensor in a storage, as PyTorch's pickles describe it. One record used twice is one tensor with two names.
/// </summary>
public sealed record ScriptTensor(
    ScriptStorage Storage,
    int[] Shape,
    int[] Strides,
    int Offset = 0,
    bool Trained = true
)
{
    /// <summary>A matrix with a storage of its own.</summary>
    public static ScriptTensor Matrix(int rows, int columns, float[] values) =>
        new(new ScriptStorage(values), [rows, columns], [columns, 1]);
}

/// <summary>
/// An instance of a class with its attributes: tensors, whole numbers, flags, nothing (null), or further instances.
/// </summary>
public sealed record ScriptObject(string Class, params (string Name, object? Value)[] Attributes);

/// <summary>
/// Writes TorchScript files without PyTorch: the code as it stands, and the module's values as a pickle (protocol 2).
/// </summary>
public sealed class ScriptArchive
{
    private readonly List<byte> _pickle = [];
    private readonly Dictionary<object, byte> _known = new(ReferenceEqualityComparer.Instance);
    private readonly List<ScriptStorage> _storages = [];

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
            attributes.Select(one => $"  {one.Name} : {(one.Value is ScriptTensor ? "Tensor" : "int")}\n")
        );
        var trained = string.Concat(
            attributes.Where(one => one.Value is ScriptTensor { Trained: true }).Select(one => $"\"{one.Name}\", ")
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
        var archive = new ScriptArchive();
        archive.Put(0x80, 2);
        archive.Value(module);
        archive.Put('.');
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        for (var i = 0; i < archive._storages.Count; i++)
            Add(zip, $"m/data/{i}", archive._storages[i].Values.SelectMany(BitConverter.GetBytes).ToArray());
        Add(zip, "m/data.pkl", [.. archive._pickle]);
        Add(zip, "m/code/__torch__.py", Encoding.UTF8.GetBytes(code));
        Add(zip, "m/constants.pkl", [0x80, 2, (byte)')', (byte)'.']);
        Add(zip, "m/version", "3\n"u8.ToArray());
        return path;
    }

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(bytes);
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null:
                Put('N');
                break;
            case bool flag:
                Put(flag ? 0x88 : 0x89);
                break;
            case int whole:
                Whole(whole);
                break;
            case ScriptTensor tensor:
                Once(tensor, () => Tensor(tensor));
                break;
            case ScriptObject instance:
                Once(instance, () => Instance(instance));
                break;
            default:
                throw new ArgumentException($"{value.GetType().Name} is not written.", nameof(value));
        }
    }

    /// <summary>What comes again is fetched by its number.</summary>
    private void Once(object value, Action write)
    {
        if (_known.TryGetValue(value, out var number))
        {
            Put('h', number);
            return;
        }
        write();
        _known[value] = (byte)_known.Count;
        Put('q', _known[value]);
    }

    private void Instance(ScriptObject instance)
    {
        Global(instance.Class);
        Put(')', 0x81, '}', '(');
        foreach (var (name, value) in instance.Attributes)
        {
            Text(name);
            Value(value);
        }
        Put('u', 'b');
    }

    private void Tensor(ScriptTensor tensor)
    {
        if (!_storages.Contains(tensor.Storage))
            _storages.Add(tensor.Storage);
        Global("torch._utils _rebuild_tensor_v2");
        Put('(', '(');
        Text("storage");
        Global("torch FloatStorage");
        Text($"{_storages.IndexOf(tensor.Storage)}");
        Text("cpu");
        Whole(tensor.Storage.Values.Length);
        Put('t', 'Q');
        Whole(tensor.Offset);
        Tuple(tensor.Shape);
        Tuple(tensor.Strides);
        Put(tensor.Trained ? 0x88 : 0x89);
        Global("collections OrderedDict");
        Put(')', 'R', 't', 'R');
    }

    private void Tuple(int[] numbers)
    {
        Put('(');
        foreach (var number in numbers)
            Whole(number);
        Put('t');
    }

    private void Whole(int number)
    {
        Put('J');
        _pickle.AddRange(BitConverter.GetBytes(number));
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Put('X');
        _pickle.AddRange(BitConverter.GetBytes(bytes.Length));
        _pickle.AddRange(bytes);
    }

    private void Global(string name) => _pickle.AddRange(Encoding.ASCII.GetBytes($"c{name.Replace(' ', '\n')}\n"));

    private void Put(params int[] codes)
    {
        foreach (var code in codes)
            _pickle.Add((byte)code);
    }
}
