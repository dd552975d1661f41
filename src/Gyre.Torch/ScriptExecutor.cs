using System.Runtime.InteropServices;

namespace Gyre.Torch;

/// <summary>
/// Selects how libtorch runs the code of TorchScript modules. By default it profiles a module's first calls and then
/// rewrites the module's code, derivatives included, for the inputs it observed. Later calls then round differently
/// from the first ones, so a run that is resumed in a new process would not give the bytes of an uninterrupted one.
/// The simple executor runs the same code at every call.
/// </summary>
internal static class ScriptExecutor
{
    // std::atomic<bool>& torch::jit::getProfilingMode()
    private const string Profiling = "_ZN5torch3jit16getProfilingModeEv";

    /// <summary>
    /// Selects the simple executor for every module that has not been called yet, in the whole process.
    /// </summary>
    /// <returns>False if it cannot be selected.</returns>
    public static unsafe bool UseSimple()
    {
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if (!known || !NativeLibrary.TryGetExport(LibTorch.Handle, Profiling, out var function))
            return false;
        Volatile.Write(ref *((delegate* unmanaged<bool*>)function)(), false);
        return true;
    }
}
