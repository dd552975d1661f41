using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Torch;

/// <summary>
/// Redirects the printed output of TorchScript modules to standard error, with characters that control a terminal
/// escaped.
/// </summary>
internal static class ScriptOutput
{
    private const string SetHandler =
        "_ZN5torch3jit15setPrintHandlerEPFvRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEE";

    /// <summary>
    /// Redirects output from now on, in the whole process, if libtorch's C++ strings have the layout of the GNU
    /// library.
    /// </summary>
    /// <returns>False if the output cannot be redirected.</returns>
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
            // Standard error is closed; that must not end the process.
        }
    }

    /// <summary>The first fields of std::string.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct CxxString
    {
        public byte* Letters;
        public nuint Length;
    }
}
