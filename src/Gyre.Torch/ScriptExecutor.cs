using System.Runtime.InteropServices;

namespace Gyre.Torch;

/// <summary>
/// How libtorch runs the code of TorchScript modules. As it comes, it watches a module's first calls and then rewrites
/// the module's code, derivatives included, for what it saw, so that later calls round otherwise than the first ones:
/// a run that goes on in a new process would not give the bytes of one that was left alone. The simple executor runs
/// the same code at every call.
/// </summary>
internal static class ScriptExecutor
{
    // std::atomic<bool>& torch::jit::getProfilingMode()
    private const string Profiling = "_ZN5torch3jit16getProfilingModeEv";

    /// <summary>
    /// Chooses the simple executor for every module whose first call is yet to come, in the whole process.
    /// </summary>
    /// <returns>False where it cannot be chosen.</returns>
    public static unsafe bool UseSimple()
    {
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if (!known || !NativeLibrary.TryGetExport(LibTorch.Handle, Profiling, out var function))
            return false;
        Volatile.Write(ref *((delegate* unmanaged<bool*>)function)(), false);
        return true;
    }
}
