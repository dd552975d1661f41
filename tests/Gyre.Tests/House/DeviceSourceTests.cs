using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>Rules of tensors and devices that the source shows, whether a test runs through a line or not.</summary>
public partial class DeviceSourceTests
{
    private static readonly string[] Rooms = ["Gyre.Torch", "Gyre.Spectral", "Gyre.Lab"];

    /// <summary>Where numbers are read from a tensor otherwise than by <c>Host</c>, with the reason.</summary>
    private static readonly Dictionary<string, string> Readers = new()
    {
        ["Host.cs"] = "the door itself",
        ["TensorBytes.cs"] = "whole tensors into files, in pieces",
        ["ChunkedSum.cs"] = "whole vectors to other ranks, in pieces",
        ["Checkpoints.cs"] = "whole tensors into a hash",
        ["RowSamples.cs"] = "writes into memory that was just made on the processor",
    };

    [Fact]
    public void Every_tensor_is_made_on_a_device_that_is_named()
    {
        var unnamed =
            from file in Files()
            let text = WithoutComments(File.ReadAllText(file))
            from Match call in Factory().Matches(text)
            let arguments = Arguments(text, call.Index + call.Length)
            where !Named().IsMatch(arguments)
            select $"{Path.GetRelativePath(Source.Root, file)}: {call.Value.Trim()}{arguments}";
        Assert.Empty(unnamed);
    }

    [Fact]
    public void Numbers_are_read_from_a_device_by_one_door()
    {
        var others =
            from file in Files()
            where !Readers.ContainsKey(Path.GetFileName(file))
            let text = WithoutComments(File.ReadAllText(file))
            from Match call in Read().Matches(text)
            let found = $"{Path.GetRelativePath(Source.Root, file)}: {call.Value}"
            where !OwnSide().IsMatch(found)
            select found;
        Assert.Empty(others);
    }

    [Fact]
    public void The_rules_see_what_breaks_them()
    {
        Assert.DoesNotMatch(Named(), Arguments("zeros([2, 3], dtype: ScalarType.Float64)", 6));
        Assert.Matches(Named(), Arguments("zeros([2, 3], ScalarType.Float64, CPU)", 6));
        Assert.Equal("(f(a), [b(c)])", Arguments("x = randn(f(a), [b(c)]).to(device)", 10 - 1));
        Assert.Matches(Factory(), "= randn([3])");
        Assert.DoesNotMatch(Factory(), "like.randn_like(x)");
        Assert.Matches(Read(), "x.norm().item<double>()");
    }

    private static IEnumerable<string> Files() =>
        Rooms.SelectMany(room => Source.CSharpFiles(Path.Combine("src", room)));

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    /// <summary>From the opening parenthesis at a place to the one that closes it.</summary>
    private static string Arguments(string text, int open)
    {
        open = text.IndexOf('(', open - 1);
        for (int at = open, depth = 0; at < text.Length; at++)
        {
            depth += text[at] switch
            {
                '(' or '[' or '{' => 1,
                ')' or ']' or '}' => -1,
                _ => 0,
            };
            if (depth == 0)
                return text[open..(at + 1)];
        }
        return text[open..];
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    /// <summary>
    /// Functions of torch that make a tensor out of nothing, and generators; those that follow another tensor
    /// (zeros_like) do not count.
    /// </summary>
    [GeneratedRegex(
        @"(?<![\w.])(?:torch\.)?(?:new Generator|zeros|ones|tensor|rand|randn|randint|randperm|arange|linspace|logspace"
            + "|eye|full|empty|from_array|as_tensor|frombuffer|tril_indices|triu_indices|normal|complex|hann_window"
            + @"|scalar_tensor)(?=\()"
    )]
    private static partial Regex Factory();

    [GeneratedRegex(@"\bCPU\b|[Dd]evice")]
    private static partial Regex Named();

    [GeneratedRegex(
        @"\.(?:item|data|ToScalar|ToDouble|ToSingle|ToInt32|ToInt64|ToBoolean|ReadCpu\w*)(?:<\w+>)?\(\)|\.bytes\b(?!"")|\.cpu\(\)"
    )]
    private static partial Regex Read();

    /// <summary>The host's own side of a check.</summary>
    [GeneratedRegex(@"Checks/\w+\.cs: \.cpu\(\)")]
    private static partial Regex OwnSide();
}
