using Gyre.App.Terminal;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.App.Processes;

/// <summary>
/// The child process of <see cref="ModuleCheck"/>: loads the file of a module in this process, which libtorch may
/// end, and reports any problem. It also tries an exported program on made-up samples.
/// </summary>
internal static class ModuleChild
{
    public const string Name = "module-child";

    /// <summary>The option, given before the path, for a file whose author is trusted.</summary>
    public const string Trusted = "--trusted";

    /// <summary>The option, given before the path, that selects an output of an exported program.</summary>
    public const string Output = "--output=";

    /// <summary>
    /// The number of bytes of data that the child may allocate, in addition to four times the file's size.
    /// </summary>
    private const long Room = 4L << 30;

    public static int Execute(string[] arguments)
    {
        var path = arguments[^1];
        try
        {
            LibTorch.Load();
            NativeProcess.LimitData(Room + 4 * (File.Exists(path) ? new FileInfo(path).Length : 0));
            Load(path, arguments);
            return Exit.Done;
        }
        catch (Exception error) when (error is TorchScriptException or ExportedProgramException)
        {
            Console.Error.WriteLine(error.Message);
            return Exit.WrongInput;
        }
    }

    private static void Load(string path, string[] arguments)
    {
        if (arguments.FirstOrDefault(one => one.StartsWith(Output, StringComparison.Ordinal)) is not { } output)
        {
            TorchScriptFile.Load(path, trusted: arguments.Contains(Trusted)).Dispose();
            return;
        }
        using var module = ExportedProgram.Open(path, output[Output.Length..]).Load(ScalarType.Float32, CPU);
        ExportedProbe.Run(module);
    }
}
