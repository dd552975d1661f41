namespace Gyre.Lab.Keys;

/// <summary>Makes a property of a spec a section, or a group of keys within one.</summary>
/// <param name="prefix">What the paths of its keys begin with, such as "data."; empty for a group without a name.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SpecSectionAttribute(string prefix) : Attribute
{
    /// <summary>What the paths of its keys begin with.</summary>
    public string Prefix => prefix;
}
