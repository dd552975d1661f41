using System.Globalization;
using Gyre.Lab.Models;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>docs/models.md against the networks that are built.</summary>
public class ModelDocumentTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Source.Root, "docs", "models.md"));

    public static TheoryData<string, string, string, string, string> Sizes()
    {
        var cases = new TheoryData<string, string, string, string, string>();
        foreach (
            var cells in Lines
                .SkipWhile(line => !line.StartsWith("| network | keys | sample", StringComparison.Ordinal))
                .Skip(2)
                .TakeWhile(line => line.StartsWith('|'))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        )
            cases.Add(cells[1], cells[2], cells[3], cells[4], cells[5]);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_counts_are_those_of_the_networks_built(
        string name,
        string keys,
        string sample,
        string outputs,
        string parameters
    )
    {
        var given = keys.Split(' ').Select(key => key.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        int Whole(string key) =>
            given.TryGetValue(key, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
        using var model = ModelCatalog.Build(
            name,
            new ModelRequest
            {
                InputShape = [.. sample.Split('×').Select(size => long.Parse(size, CultureInfo.InvariantCulture))],
                Outputs = int.Parse(outputs, CultureInfo.InvariantCulture),
                Widths = given.TryGetValue("widths", out var widths)
                    ? [.. widths.Split(',').Select(width => int.Parse(width, CultureInfo.InvariantCulture))]
                    : [],
                Depth = Whole("depth"),
                Activation = "relu",
                Initialisation = "lecun-normal",
                Seed = 1,
                Dtype = ScalarType.Float32,
                Device = CPU,
                Width = Whole("width"),
                Heads = Whole("heads"),
                Patch = Whole("patch"),
                Norm = given.GetValueOrDefault("norm", ModelSpec.OwnNorm),
                Pooling = given.GetValueOrDefault("pooling", ModelSpec.Poolings[0]),
                Tokens = ModelCatalog.Get(name).ReadsTokens,
            }
        );
        Assert.Equal(
            parameters,
            model.parameters().Sum(parameter => parameter.numel()).ToString("N0", CultureInfo.InvariantCulture)
        );
    }

    [Fact]
    public void Every_network_is_in_each_table_with_its_norms_and_defaults()
    {
        foreach (var kind in ModelCatalog.Kinds.Where(kind => !kind.IsFile))
        {
            var row = Lines
                .First(line => line.StartsWith($"| `{kind.Name}` |", StringComparison.Ordinal))
                .Split('|', StringSplitOptions.TrimEntries);
            Assert.Equal(string.Join(", ", kind.Norms), row[4]);
            foreach (
                var (key, value) in new[]
                {
                    ("depth", kind.Depth),
                    ("width", kind.Width),
                    ("heads", kind.Heads),
                    ("patch", kind.Patch),
                }
            )
                Assert.True(
                    value == 0 || row[3].Contains($"{key} {value}", StringComparison.Ordinal),
                    $"{kind.Name}: {key} {value}"
                );
            Assert.True(
                kind.Widths.Count == 0
                    || row[3].Contains($"widths {string.Join(", ", kind.Widths)}", StringComparison.Ordinal),
                kind.Name
            );
            Assert.Equal(2, Lines.Count(line => line.StartsWith($"| `{kind.Name}` |", StringComparison.Ordinal)));
            Assert.Contains(Lines, line => line.StartsWith($"| {kind.Name} |", StringComparison.Ordinal));
        }
    }

    /// <summary>Formulas of the document, by hand for numbers that no table holds.</summary>
    [Theory]
    [InlineData("vgg", 10, 3, "batch", 9 * 3 * 3 + 2250 * 9 + 43 * 3 + 64 * 9 + 24 + 25 * 4 + 86 * 3)]
    [InlineData("resnet", 14, 3, "group", 9 * 3 * 3 + (378 * 2 - 90) * 9 + 28 * 2 * 3 + 6 + 13 * 4)]
    [InlineData("resnet", 14, 3, "none", 9 * 3 * 3 + (378 * 2 - 90) * 9 + 14 * 2 * 3 + 3 + 13 * 4)]
    [InlineData(
        "vit",
        3,
        8,
        "none",
        (3 * 16 + 1) * 8 + 8 + 65 * 8 + 3 * (12 * 64 + 13 * 8) + 16 + 9 * 4 - 4 * 8 * 3 - 16
    )]
    public void The_formulas_hold_for_other_sizes(string name, int depth, int width, string norm, long expected)
    {
        using var model = ModelCatalog.Build(
            name,
            new ModelRequest
            {
                InputShape = [3, 32, 32],
                Outputs = 4,
                Widths = [],
                Depth = depth,
                Activation = "relu",
                Initialisation = "lecun-normal",
                Seed = 1,
                Dtype = ScalarType.Float32,
                Device = CPU,
                Width = width,
                Norm = norm,
            }
        );
        Assert.Equal(expected, model.parameters().Sum(parameter => parameter.numel()));
    }
}
