using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit;

/// <summary>
/// Writes values as Python's pickles of protocol 2, as PyTorch does; what several tensors lie in is written beside them.
/// </summary>
internal sealed class PickleWriter
{
    private static readonly Dictionary<ScalarType, string> Classes = new()
    {
        [ScalarType.Float64] = "DoubleStorage",
        [ScalarType.Float32] = "FloatStorage",
        [ScalarType.Float16] = "HalfStorage",
        [ScalarType.BFloat16] = "BFloat16Storage",
        [ScalarType.Int64] = "LongStorage",
        [ScalarType.Int32] = "IntStorage",
        [ScalarType.Int16] = "ShortStorage",
        [ScalarType.Int8] = "CharStorage",
        [ScalarType.Byte] = "ByteStorage",
        [ScalarType.Bool] = "BoolStorage",
        [ScalarType.ComplexFloat32] = "ComplexFloatStorage",
        [ScalarType.ComplexFloat64] = "ComplexDoubleStorage",
    };

    private readonly List<byte> _pickle = [];
    private readonly Dictionary<object, int> _known = new(ReferenceEqualityComparer.Instance);
    private readonly List<SavedStorage> _storages = [];
    private readonly bool _wrapsParameters;

    private PickleWriter(bool wrapsParameters) => _wrapsParameters = wrapsParameters;

    /// <summary>The pickle of a value, and the storages that it refers to by their positions.</summary>
    /// <param name="value">Nothing (null), a flag, a number, a text, a tensor, a <see cref="ScriptObject"/>, or names
    /// with values (an OrderedDict), an array of objects (a tuple), or one of PickledValues.cs.</param>
    /// <param name="wrapsParameters">Whether trained tensors are written as torch.nn.Parameter; otherwise as tensors
    /// that require a gradient.</param>
    public static (byte[] Pickle, IReadOnlyList<SavedStorage> Storages) Write(object? value, bool wrapsParameters)
    {
        var writer = new PickleWriter(wrapsParameters);
        writer.Put(0x80, 2);
        writer.Value(value);
        writer.Put('.');
        return ([.. writer._pickle], writer._storages);
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
            case int or long:
                Whole(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number:
                Put('G');
                _pickle.AddRange(BitConverter.GetBytes(number).Reverse());
                break;
            case string text:
                Text(text);
                break;
            case SavedTensor tensor:
                Once(tensor, () => Tensor(tensor));
                break;
            case ScriptObject instance:
                Once(instance, () => Instance(instance));
                break;
            case IEnumerable<(string Name, SavedTensor Value)> dictionary:
                Global("collections OrderedDict");
                Put(')', 'R');
                Pairs(dictionary.Select(one => (one.Name, (object?)one.Value)));
                break;
            default:
                PythonValue(value);
                break;
        }
    }

    /// <summary>A value that claims whatever it likes.</summary>
    private void PythonValue(object value)
    {
        switch (value)
        {
            case object?[] tuple:
                Group(tuple, 't');
                break;
            case PickledList list:
                Put(']');
                Group(list.Items, 'e');
                break;
            case PickledPairs dictionary:
                Put('}');
                Group(dictionary.Pairs.SelectMany(pair => new[] { pair.Key, pair.Value }), 'u');
                break;
            case PickledName name:
                Global($"{name.Module} {name.Name}");
                break;
            case PickledCall call:
                Value(call.Callee);
                Value(call.Arguments);
                Put('R');
                break;
            case PickledStorage storage:
                Group(
                    ["storage", new PickledName("torch", storage.Class), storage.Key, storage.Device, storage.Elements],
                    't'
                );
                Put('Q');
                break;
            case PickledTensor tensor:
                Value(tensor.Call);
                break;
            default:
                throw new ArgumentException($"{value.GetType().Name} is not written.", nameof(value));
        }
    }

    private void Group(IEnumerable<object?> items, char end)
    {
        Put('(');
        foreach (var item in items)
            Value(item);
        Put(end);
    }

    /// <summary>A value that comes again is fetched by its number.</summary>
    private void Once(object value, Action write)
    {
        if (_known.TryGetValue(value, out var number))
        {
            Put('j');
            _pickle.AddRange(BitConverter.GetBytes(number));
            return;
        }
        write();
        _known[value] = _known.Count;
        Put('r');
        _pickle.AddRange(BitConverter.GetBytes(_known[value]));
    }

    private void Instance(ScriptObject instance)
    {
        Global(instance.Class);
        Put(')', 0x81, '}');
        Pairs(instance.Attributes);
        Put('b');
    }

    private void Pairs(IEnumerable<(string Name, object? Value)> pairs)
    {
        Put('(');
        foreach (var (name, value) in pairs)
        {
            Text(name);
            Value(value);
        }
        Put('u');
    }

    private void Tensor(SavedTensor tensor)
    {
        var isParameter = _wrapsParameters && tensor.Trained;
        if (isParameter)
        {
            Global("torch._utils _rebuild_parameter");
            Put('(');
        }
        Rebuilt(tensor, tensor.Trained && !isParameter);
        if (!isParameter)
            return;
        Put(0x88);
        Global("collections OrderedDict");
        Put(')', 'R', 't', 'R');
    }

    private void Rebuilt(SavedTensor tensor, bool requiresGrad)
    {
        if (!_storages.Any(one => ReferenceEquals(one, tensor.Storage)))
            _storages.Add(tensor.Storage);
        Global("torch._utils _rebuild_tensor_v2");
        Put('(', '(');
        Text("storage");
        Global($"torch {Classes[tensor.Storage.Dtype]}");
        Text($"{_storages.FindIndex(one => ReferenceEquals(one, tensor.Storage))}");
        Text("cpu");
        Whole(tensor.Storage.Elements);
        Put('t', 'Q');
        Whole(tensor.Offset);
        Tuple(tensor.Shape);
        Tuple(tensor.Strides);
        Put(requiresGrad ? 0x88 : 0x89);
        Global("collections OrderedDict");
        Put(')', 'R', 't', 'R');
    }

    private void Tuple(long[] numbers)
    {
        Put('(');
        foreach (var number in numbers)
            Whole(number);
        Put('t');
    }

    private void Whole(long number)
    {
        if (number is >= int.MinValue and <= int.MaxValue)
        {
            Put('J');
            _pickle.AddRange(BitConverter.GetBytes((int)number));
            return;
        }
        Put(0x8a, 8);
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
