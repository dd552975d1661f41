using System.Reflection;

namespace Gyre.Lab.Specs;

/// <summary>The place of a key's value in a spec: a property of the spec itself, or of one of its sections.</summary>
/// <param name="property">The property.</param>
/// <param name="section">The property with the section; null if the property belongs to the spec itself.</param>
internal sealed class SpecProperty(PropertyInfo property, SpecProperty? section)
{
    /// <summary>Returns the value; null if the spec lacks the section.</summary>
    public object? ReadFrom(RunSpec spec)
    {
        var owner = section is null ? spec : section.ReadFrom(spec);
        return owner is null ? null : property.GetValue(owner);
    }

    /// <summary>Sets the value in a spec under construction. A missing section is added.</summary>
    public void Set(RunSpec spec, object value) =>
        property.SetValue(section is null ? spec : section.GetOrAdd(spec), value);

    private object GetOrAdd(RunSpec spec)
    {
        if (ReadFrom(spec) is { } found)
            return found;
        var added = Activator.CreateInstance(property.PropertyType)!;
        Set(spec, added);
        return added;
    }
}
