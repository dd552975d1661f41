namespace Gyre.Lab.Keys;

/// <summary>Makes a property of a spec a section, or a group of keys within a section.</summary>
/// <param name="prefix">The prefix of its keys' paths, such as "data."; empty for an unnamed group.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SpecSectionAttribute(string prefix) : Attribute
{
    /// <summary>The prefix of its keys' paths.</summary>
    public string Prefix => prefix;
}
