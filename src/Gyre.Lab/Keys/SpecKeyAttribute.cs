namespace Gyre.Lab.Keys;

/// <summary>
/// Makes a property of a spec section a key of the spec. The key has the property's type, its default is the value in
/// a new instance, and its position follows the order of declaration.
/// </summary>
/// <param name="help">One line of help for users, with the source of the default.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SpecKeyAttribute(string help) : Attribute
{
    /// <summary>One line of help for users.</summary>
    public string Help => help;

    /// <summary>The key's name in a file; null: the property's name in snake case.</summary>
    public string? Name { get; init; }

    /// <summary>The smallest number allowed; for a list, for each element.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>An exclusive lower bound; replaces <see cref="Least"/>.</summary>
    public double Above { get; init; } = double.NaN;

    /// <summary>The largest number allowed.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    /// <summary>The words allowed.</summary>
    public string[]? Choices { get; init; }

    /// <summary>The catalog whose <c>Names</c> are the words allowed.</summary>
    public Type? ChoicesOf { get; init; }

    /// <summary>The name of the section's static property that holds the words allowed.</summary>
    public string? ChoicesFrom { get; init; }

    /// <summary>
    /// Whether the key may also be "own": something that exists only in the program that created the spec.
    /// </summary>
    public bool OrOwn { get; init; }

    /// <summary>The path of the key that decides whether this one has an effect; null: it always has one.</summary>
    public string? UsedWhere { get; init; }

    /// <summary>The values of that key with which this one has an effect; empty: any number except 0.</summary>
    public string[] UsedWith { get; init; } = [];

    /// <summary>The name of the section's static property that holds those values.</summary>
    public string? UsedWithFrom { get; init; }

    /// <summary>The path of a second key that gives this one an effect if it is any number except 0.</summary>
    public string? OrWhere { get; init; }
}
