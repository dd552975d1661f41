using System.Reflection;
using System.Runtime.CompilerServices;
using Gyre.Lab.Monitoring;

namespace Gyre.Tests.House;

/// <summary>
/// Names keep to the verbs of .NET: Get, Create, From and Parse return what they name or throw; Try and Find may return
/// nothing and say so in their type. Words are those of docs/glossary.md, in US spelling.
/// </summary>
public class NamingTests
{
    private static readonly string[] Certain = ["Get", "Create", "From", "Parse", "Open", "Load"];

    /// <summary>Parts of names that say nothing, or say it in another spelling.</summary>
    private static readonly string[] Banned =
    [
        "Words",
        "Told",
        "Asked",
        "Laid",
        "Ending",
        "Seat",
        "Colour",
        "Behaviour",
        "Neighbour",
        "Centre",
        "Normalise",
        "Standardise",
        "Linearise",
        "Initialise",
        "Initialisation",
        "Stabilisation",
        "Orthogonalise",
        "Orthogonalisation",
        "Minimise",
        "Summarise",
        "Serialise",
        "Recognise",
        "Factorise",
        "Cancelled",
    ];

    /// <summary>Properties named by a key of the spec or a field of a file, which keep their names.</summary>
    private static readonly string[] NamedByFiles = ["SelfStabilisation", "Initialisation", "Standardise"];

    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void No_member_is_called_Of() => Report(Members().Where(member => StartsWithWord(member.Name, "Of")));

    [Fact]
    public void A_method_that_promises_a_result_returns_one() =>
        Report(
            Methods()
                .Where(method => Certain.Any(verb => StartsWithWord(method.Name, verb)) && MayReturnNothing(method))
        );

    [Fact]
    public void A_method_that_tries_says_in_its_type_that_it_may_fail() =>
        Report(
            Methods()
                .Where(method =>
                    StartsWithWord(method.Name, "Try")
                    && method.ReturnType != typeof(bool)
                    && !method.ReturnType.IsGenericParameter
                    && !MayReturnNothing(method)
                )
        );

    [Fact]
    public void A_method_that_finds_one_thing_may_find_none() =>
        Report(
            Methods()
                .Where(method => StartsWithWord(method.Name, "Find") && !IsMany(method) && !MayReturnNothing(method))
        );

    [Fact]
    public void Names_are_words_of_the_field_in_US_spelling() =>
        Report(
            Types()
                .Concat<MemberInfo>(Members())
                .Where(member => !NamedByFiles.Contains(member.Name))
                .Where(member => Banned.Any(word => member.Name.Contains(word, StringComparison.Ordinal)))
        );

    private static bool StartsWithWord(string name, string word) =>
        name.StartsWith(word, StringComparison.Ordinal)
        && (name.Length == word.Length || !char.IsLower(name[word.Length]));

    /// <summary>Several things are none where there is none: their list is empty.</summary>
    private static bool IsMany(MethodInfo method) =>
        method.ReturnType != typeof(string)
        && (
            method.ReturnType.IsAssignableTo(typeof(System.Collections.IEnumerable))
            || method.ReturnType.IsAssignableTo(typeof(ITuple))
        );

    private static bool MayReturnNothing(MethodInfo method) =>
        Nullable.GetUnderlyingType(method.ReturnType) is not null
        || (
            !method.ReturnType.IsValueType
            && !method.ReturnType.IsGenericParameter
            && Nullability.Create(method.ReturnParameter).ReadState == NullabilityState.Nullable
        );

    private static IEnumerable<MethodInfo> Methods() =>
        Members().OfType<MethodInfo>().Where(method => !method.IsSpecialName);

    private static IEnumerable<MemberInfo> Members() =>
        from type in Types()
        from member in type.GetMembers(
            BindingFlags.Public
                | BindingFlags.NonPublic
                | BindingFlags.Instance
                | BindingFlags.Static
                | BindingFlags.DeclaredOnly
        )
        where !IsGenerated(member) && !IsOfBase(member)
        select member;

    private static IEnumerable<Type> Types() =>
        from assembly in Assemblies
        from type in assembly.GetTypes()
        where !IsGenerated(type) && !type.FullName!.Contains('<', StringComparison.Ordinal)
        where type.Namespace?.StartsWith("Gyre.", StringComparison.Ordinal) is true
        where !type.IsAssignableTo(typeof(System.Text.Json.Serialization.JsonSerializerContext))
        select type;

    private static Assembly[] Assemblies { get; } =
    [
        typeof(Gyre.Torch.GyreException).Assembly,
        typeof(Gyre.Spectral.Lanczos).Assembly,
        typeof(CurvatureMonitor).Assembly,
        typeof(Gyre.Dashboard.Serving.DashboardServer).Assembly,
        typeof(Gyre.App.Commands.RunCommand).Assembly,
    ];

    private static bool IsGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name.Contains('<', StringComparison.Ordinal);

    private static bool IsOfBase(MemberInfo member) =>
        member is MethodInfo { IsVirtual: true } method && method.GetBaseDefinition() != method;

    private static void Report(IEnumerable<MemberInfo> found)
    {
        var names = found.Select(member => $"{member.DeclaringType?.FullName}.{member.Name}").Distinct().ToList();
        Assert.True(names.Count == 0, string.Join('\n', names));
    }
}
