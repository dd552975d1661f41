using System.Reflection;
using System.Text.Json.Serialization;
using Gyre.Lab.RunFiles;

namespace Gyre.Tests.House;

/// <summary>The records of run and sweep folders, found by reflection: none can be forgotten.</summary>
internal static class FileRecords
{
    /// <summary>Every record that is written to a folder, with those inside it.</summary>
    public static IReadOnlyCollection<Type> All { get; } = Find();

    /// <summary>Every record that is written to a folder, with those inside it.</summary>
    private static HashSet<Type> Find()
    {
        var written = typeof(RunFolder)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(JsonSerializerContext)))
            .SelectMany(context => context.GetCustomAttributesData())
            .Where(one => one.AttributeType == typeof(JsonSerializableAttribute))
            .Select(one => (Type)one.ConstructorArguments[0].Value!);
        var all = new HashSet<Type>();
        var open = new Queue<Type>(written);
        while (open.TryDequeue(out var type))
        {
            if (type.Namespace?.StartsWith("Gyre", StringComparison.Ordinal) != true || type.IsEnum || !all.Add(type))
                continue;
            foreach (var property in Fields(type))
                open.Enqueue(Element(property.PropertyType));
        }
        return all;
    }

    /// <summary>The fields of a record that are written, in their order.</summary>
    public static IEnumerable<PropertyInfo> Fields(Type record) =>
        record
            .GetProperties()
            .Where(property =>
                property.Name != "EqualityContract"
                && property.GetCustomAttributes(typeof(JsonIgnoreAttribute), false)
                    is not [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Always }]
            );

    private static Type Element(Type type) =>
        Nullable.GetUnderlyingType(type)
        ?? type.GetElementType()
        ?? (type.IsGenericType ? type.GetGenericArguments()[^1] : type);
}
