using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

/// <summary>Code in a file that does more than compute is refused by name, before anything of it runs.</summary>
public sealed class TorchScriptCodeTests : IDisposable
{
    private static readonly SavedTensor Weight = SavedTensor.Matrix(
        3,
        3,
        [.. Enumerable.Range(1, 9).Select(i => 0.1f * i)]
    );

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("torch.save(x, \"out\")\nreturn torch.linear(x, self.w)", "save writes files")]
    [InlineData("t = torch\nt.save(x, \"out\")\nreturn torch.linear(x, self.w)", "save writes files")]
    [InlineData("ops.aten.save(x, \"out\")\nreturn torch.linear(x, self.w)", "save writes files")]
    [InlineData(
        "y = torch.from_file(\"in\", True, 9)\nreturn torch.linear(x, self.w)",
        "from_file reads and writes files"
    )]
    [InlineData("print(x)\nreturn torch.linear(x, self.w)", "print prints")]
    [InlineData("torch.warn(\"\\x1b]0;title\", 2)\nreturn torch.linear(x, self.w)", "warn prints")]
    [InlineData("torch.manual_seed(3)\nreturn torch.linear(x, self.w)", "manual_seed sets libtorch's random state")]
    [InlineData("t = ops.prim.TimePoint()\nreturn torch.linear(x, self.w)", "TimePoint reads the clock")]
    [InlineData(
        "y = ops.quantized.linear(x, x, 0.1, 0)\nreturn torch.linear(x, self.w)",
        "ops.quantized is an operator outside torch"
    )]
    [InlineData(
        "i = 0\nwhile torch.lt(i, 3):\n  i = torch.add(i, 1)\nreturn torch.linear(x, self.w)",
        "while is a loop without a bound"
    )]
    [InlineData(
        "for i in range(1000000000):\n  x = torch.add(x, 0)\nreturn torch.linear(x, self.w)",
        "more than a million iterations"
    )]
    [InlineData("self.n = torch.add(self.n, 1)\nreturn torch.linear(x, self.w)", "self.n = … changes an attribute")]
    [InlineData("self.n += 1\nreturn torch.linear(x, self.w)", "self.n = … changes an attribute")]
    [InlineData("(a, self.n) = (1, 2)\nreturn torch.linear(x, self.w)", "self.n = … changes an attribute")]
    public void What_does_more_than_compute_is_named_with_its_line(string body, string found)
    {
        var path = ScriptArchive.Save(_folder["m.pt"], body, "Tensor", ("w", Weight), ("n", 0));
        var refused = Assert.Throws<TorchScriptException>(() => TorchScriptFile.Check(path)).Message;
        Assert.Contains(found, refused, StringComparison.Ordinal);
        Assert.Matches("line [0-9]+ of m/code/__torch__.py", refused);
        Assert.Contains("model.trusted = true", refused, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', refused);
        TorchScriptFile.Check(path, trusted: true);
    }

    [Theory]
    [InlineData("h : List[Tensor]", "h = self.h\n    _0 = torch.append(h, x)")]
    [InlineData("h : List[Tensor]", "self.h.append(x)")]
    [InlineData("h : Dict[str, Tensor]", "h = self.h\n    torch._set_item(h, \"k\", x)")]
    public void A_list_or_dictionary_of_an_attribute_that_changes_is_refused_and_a_local_one_is_not(
        string declared,
        string changes
    )
    {
        string Code(string line) =>
            $"class Net(Module):\n  __parameters__ = []\n  {declared}\n  def forward(self: "
            + $"__torch__.Net,\n    x: Tensor) -> Tensor:\n    {line}\n    return x\n";
        Assert.Contains(
            "changes the attribute h",
            Assert.Single(TorchScriptCode.Findings([("m/code/__torch__.py", Code(changes))])),
            StringComparison.Ordinal
        );
        Assert.Empty(
            TorchScriptCode.Findings([
                ("m/code/__torch__.py", Code("l = annotate(List[Tensor], [])\n    _0 = torch.append(l, x)")),
            ])
        );
    }

    [Fact]
    public void An_object_that_a_module_keeps_is_looked_at_and_one_of_a_call_is_not()
    {
        const string Counter =
            "class Counter:\n  n : int\n  def next(self: __torch__.Counter) -> NoneType:\n    self.n = "
            + "torch.add(self.n, 1)\n    return None\n";
        string Net(string attribute) =>
            $"class Net(Module):\n  __parameters__ = []\n  {attribute}\n  def forward(self: "
            + "__torch__.Net,\n    x: Tensor) -> Tensor:\n    return x\n";
        Assert.NotEmpty(TorchScriptCode.Findings([("m/code/__torch__.py", Counter + Net("c : __torch__.Counter"))]));
        Assert.Empty(TorchScriptCode.Findings([("m/code/__torch__.py", Counter + Net("n : int"))]));
    }

    [Theory]
    [InlineData("traced.pt")]
    [InlineData("dropout.pt")]
    public void Networks_that_PyTorch_exported_only_compute(string name) =>
        TorchScriptFile.Check(ExportedNetworks.File(name));

    [Fact]
    public void Words_in_texts_and_comments_and_bounded_loops_are_no_findings()
    {
        const string Body =
            "# while print(x)\nif False:\n  ops.prim.RaiseException(\"while save(x) self.n = 1\")\nelse:\n  "
            + "pass\nfor i in range(3):\n  x = torch.add(x, 0)\nreturn torch.linear(x, self.w)";
        TorchScriptFile.Check(ScriptArchive.Save(_folder["m.pt"], Body, "Tensor", ("w", Weight)));
    }

    [Theory]
    [InlineData("Tuple[Tensor, Tensor]", "return (x, x)", "a tuple (Tuple[Tensor, Tensor])")]
    [InlineData("List[Tensor]", "return [x, x]", "a list (List[Tensor])")]
    [InlineData("Dict[str, Tensor]", "return {\"a\": x}", "a dictionary (Dict[str, Tensor])")]
    [InlineData("Optional[Tensor]", "return x", "a value that may be missing")]
    [InlineData("int", "return 3", "a number (int)")]
    [InlineData("str", "return \"x\"", "a string (str)")]
    [InlineData("NoneType", "return None", "nothing")]
    public void A_forward_that_gives_no_tensor_is_refused_by_what_it_gives(string returns, string body, string words)
    {
        var path = ScriptArchive.Save(_folder["m.pt"], body, returns, ("w", Weight));
        var refused = Assert.Throws<TorchScriptException>(() => TorchScriptFile.Load(path)).Message;
        Assert.Contains($"m.pt returns {words}", refused, StringComparison.Ordinal);
        Assert.Contains("instead of one tensor", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_two_names_is_loaded_as_one_and_two_views_in_a_file_as_the_two_tensors_that_libtorch_makes_of_them()
    {
        const string Body = "return torch.linear(torch.linear(x, self.a), self.b)";
        using var tied = TorchScriptFile.Load(
            ScriptArchive.Save(_folder["tied.pt"], Body, "Tensor", ("a", Weight), ("b", Weight)),
            ScalarType.Float64
        );
        using var views = TorchScriptFile.Load(
            ScriptArchive.Save(
                _folder["views.pt"],
                Body,
                "Tensor",
                ("a", Weight),
                ("b", Weight with { Strides = [1, 3] })
            )
        );

        Assert.Equal(["a = b"], DistinctParameters.Find(tied).Select(one => one.Name));
        Assert.Equal(["a", "b"], DistinctParameters.Trainable(views).Select(one => one.Name));
    }
}
