using System.Diagnostics;
using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

public sealed class FileKindTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pipes_and_devices_are_told_from_files_and_folders_also_through_links()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes and devices of Linux");
        File.WriteAllText(_folder["file"], "");
        File.CreateSymbolicLink(_folder["link"], Pipe());
        Assert.Equal(
            ("a named pipe", "a named pipe", "a device"),
            (FileKind.Special(Pipe()), FileKind.Special(_folder["link"]), FileKind.Special("/dev/null"))
        );
        Assert.All([_folder["file"], _folder.Path, _folder["nothing"]], path => Assert.Null(FileKind.Special(path)));
    }

    [Fact]
    public void A_pipe_is_no_safetensors_file_and_is_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes of Linux");
        var pipe = Pipe();
        Assert.Contains(
            "it is a named pipe",
            Assert.Throws<SafetensorsException>(() => Safetensors.Describe(pipe)).Message,
            StringComparison.Ordinal
        );
    }

    private string Pipe()
    {
        if (!File.Exists(_folder["pipe"]))
            Process.Start("mkfifo", [_folder["pipe"]]).WaitForExit();
        return _folder["pipe"];
    }
}
