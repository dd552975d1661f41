namespace Gyre.Torch.Exported;

/// <summary>Python's arithmetic on sizes, as TorchScript expressions.</summary>
internal static class Symbolic
{
    private static readonly Dictionary<string, string> Binary = new()
    {
        ["_operator.add"] = "+",
        ["_operator.sub"] = "-",
        ["_operator.mul"] = "*",
        ["_operator.floordiv"] = "//",
        ["_operator.truediv"] = "/",
        ["_operator.mod"] = "%",
        ["_operator.pow"] = "**",
        ["_operator.eq"] = "==",
        ["_operator.ne"] = "!=",
        ["_operator.lt"] = "<",
        ["_operator.le"] = "<=",
        ["_operator.gt"] = ">",
        ["_operator.ge"] = ">=",
        ["_operator.and_"] = "and",
        ["_operator.or_"] = "or",
    };

    private static readonly Dictionary<string, string> Functions = new()
    {
        ["_operator.neg"] = "torch.neg",
        ["_operator.pos"] = "",
        ["_operator.not_"] = "not ",
        ["torch.sym_not"] = "not ",
        ["torch.sym_max"] = "ops.prim.max",
        ["torch.sym_min"] = "ops.prim.min",
        ["torch.sym_float"] = "float",
        ["torch.sym_int"] = "int",
        ["torch._sym_sqrt"] = "torch.sqrt",
        ["math.sqrt"] = "torch.sqrt",
        ["math.ceil"] = "torch.ceil",
        ["math.floor"] = "torch.floor",
        ["math.trunc"] = "int",
    };

    /// <summary>Whether a target is one of these operations.</summary>
    public static bool IsKnown(string target) => Binary.ContainsKey(target) || Functions.ContainsKey(target);

    /// <summary>Returns the expression for a known target.</summary>
    /// <exception cref="FormatException">The number of arguments is wrong.</exception>
    public static string Write(string target, IReadOnlyList<string> arguments)
    {
        if (Binary.TryGetValue(target, out var sign) && arguments is [var left, var right])
            return $"({left}) {sign} ({right})";
        if (Functions.TryGetValue(target, out var function) && arguments.Count > 0)
            return $"{function}({string.Join(", ", arguments)})";
        throw new FormatException($"{target} is called with {arguments.Count} arguments");
    }
}
