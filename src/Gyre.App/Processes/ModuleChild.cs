using Gyre.App.Terminal;
using Gyre.Torch;

namespace Gyre.App.Processes;

/// <summary>
/// The child's side of <see cref="ModuleCheck"/>: loads a TorchScript file in this process, which libtorch may end, and
/// says what is wrong with it.
/// </summary>
internal static class ModuleChild
{
    public const string Name = "module-child";

    /// <summary>Before the path, where the file's author is trusted.</summary>
    public const string Trusted = "--trusted";

    /// <summary>Bytes of data that the child may allocate, in addition to four times the file's size.</summary>
    private const long Room = 4L << 30;

    public static int Execute(string[] arguments)
    {
        var path = arguments[^1];
        try
        {
            LibTorch.Load();
            NativeProcess.LimitData(Room + 4 * (File.Exists(path) ? new FileInfo(path).Length : 0));
            using var module = TorchScriptFile.Load(path, trusted: arguments.Contains(Trusted));
            return Exit.Done;
        }
        catch (TorchScriptException error)
        {
            Console.Error.WriteLine(error.Message);
            return Exit.WrongInput;
        }
    }
}
