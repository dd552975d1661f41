using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Torch;

/// <summary>
/// What the code of a TorchScript module prints: it goes to standard error, and characters that steer a terminal are
/// spelled out.
/// </summary>
internal static class ScriptOutput
{
    private const string SetHandler =
        "_ZN5torch3jit15setPrintHandlerEPFvRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEE";

    /// <summary>
    /// From here on, in the whole process; where libtorch's C++ text is laid out as the GNU library has it.
    /// </summary>
    /// <returns>False where it cannot be done.</returns>
    public static unsafe bool Escape()
    {
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if (!known || !NativeLibrary.TryGetExport(LibTorch.Handle, SetHandler, out var function))
            return false;
        ((delegate* unmanaged<delegate* unmanaged[Cdecl]<CxxString*, void>, void>)function)(&Print);
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void Print(CxxString* text)
    {
        try
        {
            Console.Error.Write(
                PlainText.Escape(
                    Encoding.UTF8.GetString(text->Letters, (int)Math.Min((ulong)text->Length, int.MaxValue))
                )
            );
        }
        catch (IOException)
        {
            // Nobody listens, which is no reason to end.
        }
    }

    /// <summary>The beginning of std::string.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct CxxString
    {
        public byte* Letters;
        public nuint Length;
    }
}
