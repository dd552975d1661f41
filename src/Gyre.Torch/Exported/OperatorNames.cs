using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Torch.Exported;

/// <summary>
/// Queries libtorch for operators, since compiling the name of an operator that it lacks terminates the process.
/// Strings are laid out as in the GNU C++ library: address, length, and two words that are not read.
/// </summary>
internal static unsafe class OperatorNames
{
    // std::optional<c10::OperatorHandle> c10::Dispatcher::findSchema(const c10::OperatorName&), and the dispatcher.
    private const string FindSchema = "_ZN3c1010Dispatcher10findSchemaERKNS_12OperatorNameE";
    private const string Singleton = "_ZN3c1010Dispatcher13realSingletonEv";

    /// <summary>Returns the nodes whose operators libtorch lacks; empty if libtorch cannot be queried.</summary>
    public static IReadOnlyList<GraphNode> FindMissing(IEnumerable<GraphNode> nodes)
    {
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if (
            !known
            || !NativeLibrary.TryGetExport(LibTorch.Handle, FindSchema, out var find)
            || !NativeLibrary.TryGetExport(LibTorch.Handle, Singleton, out var singleton)
        )
            return [];
        var dispatcher = ((delegate* unmanaged<nint>)singleton)();
        bool Has((string Name, string Overload) one) => Exists(find, dispatcher, one.Name, one.Overload);
        var missing = nodes
            .Where(node => node.Namespace == "aten")
            .GroupBy(node =>
                (Name: $"aten::{node.Operator}", Overload: node.Overload == "default" ? "" : node.Overload)
            )
            .Where(group => !Has(group.Key));
        return [.. missing.Select(group => group.First())];
    }

    /// <summary>
    /// The callee returns its result through memory: the handle (two words), then a flag that is set if there is one.
    /// </summary>
    private static bool Exists(nint find, nint dispatcher, string name, string overload)
    {
        var (first, second) = (Encoding.ASCII.GetBytes(name + "\0"), Encoding.ASCII.GetBytes(overload + "\0"));
        var found = stackalloc nint[8];
        fixed (
            byte* letters = first,
                others = second
        )
        {
            var operatorName = stackalloc nint[8];
            (operatorName[0], operatorName[1]) = ((nint)letters, first.Length - 1);
            (operatorName[4], operatorName[5]) = ((nint)others, second.Length - 1);
            new Span<byte>(found, 8 * sizeof(nint)).Clear();
            ((delegate* unmanaged<nint*, nint, nint*, nint*>)find)(found, dispatcher, operatorName);
        }
        return *(byte*)(found + 2) != 0;
    }
}
