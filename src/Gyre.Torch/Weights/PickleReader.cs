using System.Buffers.Binary;
using System.Text;

namespace Gyre.Torch.Weights;

/// <summary>
/// Reads Python pickles, protocols 2 to 5, to the extent that torch.save writes them: containers, numbers, strings
/// and the few calls that create tensors (<see cref="PickleCalls"/>). The reader is a stack machine without
/// recursion, and it runs no code from the pickle. The function of a call is looked up by name, and the call becomes
/// a value defined here or a <see cref="StoredOpaque"/>. Lengths are checked against the remaining bytes before
/// anything is allocated.
/// </summary>
internal sealed class PickleReader
{
    /// <summary>The most values that a pickle may create; a state dict creates about ten per tensor.</summary>
    private const int MostValues = 10_000_000;
    private const int MostMarks = 1000;
    private const int MostName = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Action<PickleReader>?[] Steps = Table();

    private readonly byte[] _bytes;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];
    private int _at;
    private int _values;
    private bool _isDone;

    private PickleReader(byte[] bytes) => _bytes = bytes;

    /// <summary>Returns the value in a pickle.</summary>
    /// <param name="bytes">The whole pickle.</param>
    /// <exception cref="FormatException">The pickle is damaged, or has operations that torch.save does not write. The
    /// message describes the fault, without a full stop.</exception>
    public static object? Read(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var reader = new PickleReader(bytes);
        while (!reader._isDone)
            reader.Step();
        return reader._stack is [var value] && reader._marks.Count == 0
            ? value
            : throw new FormatException($"the pickle ends with {reader._stack.Count} values instead of one");
    }

    private void Step()
    {
        var (start, code) = (_at, Byte());
        if (Steps[code] is not { } step)
            throw new FormatException(
                $"byte {start} of the pickle is the operation 0x{code:x2}, which torch.save does not write"
            );
        step(this);
    }

    private static Action<PickleReader>?[] Table()
    {
        var steps = new Action<PickleReader>?[256];
        AddNumbers(steps);
        AddTexts(steps);
        AddContainers(steps);
        AddMachine(steps);
        return steps;
    }

    private static void AddNumbers(Action<PickleReader>?[] steps)
    {
        steps['N'] = reader => reader.Push(null);
        steps[0x88] = reader => reader.Push(true);
        steps[0x89] = reader => reader.Push(false);
        steps['K'] = reader => reader.Push((long)reader.Byte());
        steps['M'] = reader => reader.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(reader.Take(2)));
        steps['J'] = reader => reader.Push((long)BinaryPrimitives.ReadInt32LittleEndian(reader.Take(4)));
        steps['G'] = reader => reader.Push(BinaryPrimitives.ReadDoubleBigEndian(reader.Take(8)));
        steps[0x8a] = reader => reader.Push(Whole(reader.Take(reader.Byte())));
        steps[0x8b] = reader => reader.Push(Whole(reader.Take(reader.Length(4))));
    }

    private static void AddTexts(Action<PickleReader>?[] steps)
    {
        steps[0x8c] = reader => reader.Push(reader.Text(reader.Byte()));
        steps['X'] = reader => reader.Push(reader.Text(reader.Length(4)));
        steps[0x8d] = reader => reader.Push(reader.Text(reader.Length(8)));
        steps['U'] = reader => reader.Push(reader.Text(reader.Byte()));
        steps['T'] = reader => reader.Push(reader.Text(reader.Length(4)));
        steps['C'] = reader => reader.Push(reader.Take(reader.Byte()).ToArray());
        steps['B'] = reader => reader.Push(reader.Take(reader.Length(4)).ToArray());
        steps[0x8e] = reader => reader.Push(reader.Take(reader.Length(8)).ToArray());
        steps[0x96] = reader => reader.Push(reader.Take(reader.Length(8)).ToArray());
    }

    private static void AddContainers(Action<PickleReader>?[] steps)
    {
        steps['}'] = reader => reader.Push(new StoredDictionary());
        steps[']'] = reader => reader.Push(new StoredList());
        steps[0x8f] = reader => reader.Push(new StoredList());
        steps[')'] = reader => reader.Push(new StoredTuple([]));
        steps[0x85] = reader => reader.Push(new StoredTuple(reader.Pop(1)));
        steps[0x86] = reader => reader.Push(new StoredTuple(reader.Pop(2)));
        steps[0x87] = reader => reader.Push(new StoredTuple(reader.Pop(3)));
        steps['t'] = reader => reader.Push(new StoredTuple(reader.PopToMark()));
        steps[0x91] = reader => reader.Push(new StoredTuple(reader.PopToMark()));
        steps['a'] = reader => reader.Extend(reader.Pop(1));
        steps['e'] = reader => reader.Extend(reader.PopToMark());
        steps[0x90] = reader => reader.Extend(reader.PopToMark());
        steps['s'] = reader => reader.Fill(reader.Pop(2));
        steps['u'] = reader => reader.Fill(reader.PopToMark());
    }

    private static void AddMachine(Action<PickleReader>?[] steps)
    {
        steps[0x80] = reader => reader.CheckProtocol();
        steps[0x95] = reader => reader.Take(8);
        steps['.'] = reader => reader._isDone = true;
        steps['('] = reader => reader.Mark();
        steps['0'] = reader => reader.Pop(1);
        steps['1'] = reader => reader.PopToMark();
        steps['2'] = reader => reader.Push(reader.Top());
        steps['q'] = reader => reader.Remember(reader.Byte());
        steps['r'] = reader => reader.Remember(reader.Length(4));
        steps[0x94] = reader => reader.Remember(reader._memo.Count);
        steps['h'] = reader => reader.Push(reader.Recall(reader.Byte()));
        steps['j'] = reader => reader.Push(reader.Recall(reader.Length(4)));
        steps['c'] = reader => reader.Push(new StoredGlobal($"{reader.Line()}.{reader.Line()}"));
        steps[0x93] = reader => reader.PushGlobal(reader.Pop(2));
        steps['Q'] = reader => reader.Push(PickleCalls.Persistent(reader.Pop(1)[0]));
        steps['R'] = reader => reader.Call(reader.Pop(2));
        steps[0x81] = reader => reader.Call(reader.Pop(2));
        steps[0x92] = reader => reader.Call(reader.Pop(3));
        steps['b'] = reader => reader.Build(reader.Pop(1)[0]);
    }

    private void CheckProtocol()
    {
        var protocol = Byte();
        if (protocol is < 2 or > 5)
            throw new FormatException($"it is a pickle of protocol {protocol}; protocols 2 to 5 are supported");
    }

    private void Call(object?[] given)
    {
        if (given[0] is not (StoredGlobal or StoredOpaque))
            throw new FormatException($"the pickle calls a value that is not a function, before byte {_at}");
        Push(
            given is [StoredGlobal made, StoredTuple from] ? PickleCalls.Made(made.Name, from.Items) : Opaque(given[0])
        );
    }

    private static StoredOpaque Opaque(object? callee) =>
        callee is StoredGlobal global ? new(global.Name) : (StoredOpaque)callee!;

    private void Build(object? state) => _stack[^1] = PickleCalls.Built(Top(), state);

    private void PushGlobal(object?[] names)
    {
        if (names is not [string module, string name] || module.Length + name.Length > MostName)
            throw new FormatException($"the pickle names a class by something that is not a name, before byte {_at}");
        Push(new StoredGlobal($"{module}.{name}"));
    }

    private void Extend(object?[] items)
    {
        if (Top() is StoredOpaque)
            return;
        var list = Top() as StoredList ?? throw Misplaced("items", "a list");
        foreach (var item in items)
            list.Add(item);
    }

    private void Fill(object?[] items)
    {
        if (Top() is StoredOpaque)
            return;
        var dictionary = Top() as StoredDictionary ?? throw Misplaced("pairs", "a dictionary");
        if (items.Length % 2 != 0)
            throw Misplaced("a key without a value", "pairs");
        for (var i = 0; i < items.Length; i += 2)
            dictionary.Set(items[i], items[i + 1]);
    }

    private FormatException Misplaced(string what, string where) =>
        new($"the pickle adds {what} to something that is not {where}, before byte {_at}");

    private void Push(object? value)
    {
        if (++_values > MostValues)
            throw new FormatException($"the pickle creates more than {MostValues} values");
        _stack.Add(value);
    }

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw Short();

    private object?[] Pop(int count)
    {
        if (_stack.Count - Floor < count)
            throw Short();
        return Cut(_stack.Count - count);
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Short();
        var from = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return Cut(from);
    }

    private object?[] Cut(int from)
    {
        object?[] items = [.. _stack[from..]];
        _stack.RemoveRange(from, items.Length);
        return items;
    }

    private FormatException Short() => new($"the pickle uses a value that it has not created, before byte {_at}");

    private void Mark()
    {
        if (_marks.Count == MostMarks)
            throw new FormatException($"the pickle is nested more than {MostMarks} deep");
        _marks.Add(_stack.Count);
    }

    /// <summary>Python's pickler numbers memo entries consecutively, so that a gap means a damaged number.</summary>
    private void Remember(int place)
    {
        if (place > _memo.Count)
            throw new FormatException($"the pickle stores value {place} before value {_memo.Count}");
        if (place == _memo.Count)
            _memo.Add(Top());
        else
            _memo[place] = Top();
    }

    private object? Recall(int place) =>
        place < _memo.Count
            ? _memo[place]
            : throw new FormatException($"the pickle recalls value {place} of {_memo.Count}, before byte {_at}");

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
            throw new FormatException(
                $"the pickle ends within a value of {count} bytes at byte {_at} of {_bytes.Length}"
            );
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    /// <summary>Reads a length in bytes.</summary>
    private int Length(int digits)
    {
        var given = Take(digits);
        var length =
            digits == 4
                ? BinaryPrimitives.ReadUInt32LittleEndian(given)
                : BinaryPrimitives.ReadUInt64LittleEndian(given);
        return length <= int.MaxValue
            ? (int)length
            : throw new FormatException($"the pickle has a length of {length} before byte {_at} of {_bytes.Length}");
    }

    private string Text(int length)
    {
        try
        {
            return Utf8.GetString(Take(length));
        }
        catch (DecoderFallbackException error)
        {
            throw new FormatException($"the pickle has text that is not UTF-8 before byte {_at}", error);
        }
    }

    private string Line()
    {
        var end = _bytes.AsSpan(_at).IndexOf((byte)'\n');
        if (end is < 0 or > MostName)
            throw new FormatException($"the pickle has an unterminated name at byte {_at}");
        var text = Text(end);
        _at++;
        return text;
    }

    /// <summary>Reads a little-endian two's-complement integer of any length.</summary>
    private static object Whole(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
            return new StoredOpaque($"a whole number of {bytes.Length} bytes");
        Span<byte> eight = stackalloc byte[8];
        eight.Fill(bytes is [.., >= 0x80] ? (byte)0xff : (byte)0);
        bytes.CopyTo(eight);
        return BinaryPrimitives.ReadInt64LittleEndian(eight);
    }
}
