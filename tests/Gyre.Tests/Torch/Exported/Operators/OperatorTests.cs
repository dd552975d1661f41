using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>
/// Every operator as a graph of one node: its value against another way to the same number, its first and second
/// derivative against finite differences. docs/models.md lists them.
/// </summary>
public sealed class OperatorTests : IDisposable
{
    private const int Least = 150;
    private const double ValueError = 1e-12;
    private const double DerivativeError = 1e-6;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases => [.. OperatorCatalog.All.Select(one => one.Text)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operator_gives_its_value_and_both_derivatives(string text)
    {
        using var scope = NewDisposeScope();
        var one = OperatorCatalog.All.Single(one => one.Text == text);
        using var probe = new OperatorProbe(one, _folder);
        var value = probe.Value();
        Assert.Equal(probe.Expected.shape, value.shape);
        var error = Host.Number(value.detach().to(ScalarType.Float64).sub(probe.Expected).norm());
        Assert.InRange(error, 0, ValueError * Math.Max(1, Host.Number(probe.Expected.norm())));
        Assert.Equal(!one.IsPlain, value.requires_grad);
        if (one.IsPlain)
            return;
        var (gradient, product) = probe.Errors();
        Assert.InRange(gradient, 0, DerivativeError);
        Assert.InRange(product, 0, DerivativeError);
    }

    [Fact]
    public void Enough_operators_are_tested() => Assert.InRange(OperatorCatalog.Names.Count, Least, int.MaxValue);

    [Fact]
    public void The_document_lists_the_operators_that_are_tested()
    {
        var path = Path.Combine(Source.Root, "docs", "models.md");
        var expected = WithOperators(File.ReadAllText(path));
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string WithOperators(string document)
    {
        const string Begin = "<!-- operators -->\n";
        const string End = "<!-- /operators -->\n";
        var (from, to) = (
            document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length,
            document.IndexOf(End, StringComparison.Ordinal)
        );
        var names = OperatorCatalog.Names;
        var sentence =
            $"\n{names.Count} operators are tested as a graph of one call: the value against another way to the same "
            + $"number, "
            + "first\nand second derivative against finite differences in float64. Others that libtorch has are read too.\n\n";
        return document[..from] + sentence + Filled(names) + "\n" + document[to..];
    }

    /// <summary>Names in backticks, in lines of at most 120 letters.</summary>
    private static string Filled(IReadOnlyList<string> names)
    {
        var lines = new List<string> { "" };
        foreach (var name in names)
        {
            var item = $"`{name}`{(name == names[^1] ? "." : ",")}";
            if (lines[^1].Length + item.Length + 1 > 120)
                lines.Add("");
            lines[^1] = lines[^1].Length == 0 ? item : $"{lines[^1]} {item}";
        }
        return string.Concat(lines.Select(line => $"{line}\n"));
    }
}
