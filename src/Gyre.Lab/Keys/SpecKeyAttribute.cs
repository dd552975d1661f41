namespace Gyre.Lab.Keys;

/// <summary>
/// Makes a property of a spec's section a key of the spec. The key's type is the property's, its default the value of a
/// new instance, its place the order of declaration.
/// </summary>
/// <param name="help">One line for users, with the default's source.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SpecKeyAttribute(string help) : Attribute
{
    /// <summary>One line for users.</summary>
    public string Help => help;

    /// <summary>Name in a file; null: the property's in snake case.</summary>
    public string? Name { get; init; }

    /// <summary>Smallest number allowed; for a list, of each element.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>Takes the place of <see cref="Least"/> where the bound itself is not allowed.</summary>
    public double Above { get; init; } = double.NaN;

    /// <summary>Largest number allowed.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    /// <summary>Words allowed.</summary>
    public string[]? Choices { get; init; }

    /// <summary>The catalog whose <c>Names</c> are the words allowed.</summary>
    public Type? ChoicesOf { get; init; }

    /// <summary>The static property of the section that has the words allowed.</summary>
    public string? ChoicesFrom { get; init; }

    /// <summary>Whether the key may also stand for what only the program has that made the spec.</summary>
    public bool OrOwn { get; init; }

    /// <summary>Path of the key that decides whether this one has an effect; null: it always has.</summary>
    public string? UsedWhere { get; init; }

    /// <summary>Values of that key with which it has one; none: any number but 0.</summary>
    public string[] UsedWith { get; init; } = [];

    /// <summary>The static property of the section that has those values.</summary>
    public string? UsedWithFrom { get; init; }

    /// <summary>Path of a second key that gives it an effect by any number but 0.</summary>
    public string? OrWhere { get; init; }
}
