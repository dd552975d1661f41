using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>A folder of exported programs that tests write and read.</summary>
internal sealed class ProgramFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Path of the one file.</summary>
    public string Path => _folder["model.pt2"];

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes a program and opens it.</summary>
    public ExportedProgram Open(
        ProgramBuilder program,
        ProgramLayout layout = ProgramLayout.Folders,
        string output = ""
    ) => ExportedProgram.Open(ProgramArchive.Save(Path, program, layout), output);

    /// <summary>Writes a program and loads it in float64.</summary>
    public ExportedModule Load(ProgramBuilder program, ProgramLayout layout = ProgramLayout.Folders) =>
        Open(program, layout).Load(ScalarType.Float64, CPU);

    /// <summary>The sentence with which a program is refused when it is opened or loaded.</summary>
    public string Refusal(ProgramBuilder program, ProgramLayout layout = ProgramLayout.Folders)
    {
        ProgramArchive.Save(Path, program, layout);
        return Refusal();
    }

    /// <summary>The sentence with which an archive of other parts is refused.</summary>
    public string Refusal(IEnumerable<(string Name, byte[] Bytes)> parts)
    {
        File.WriteAllBytes(Path, SavedFile.Zip(parts));
        return Refusal();
    }

    /// <summary>The sentence with which the file that is there is refused.</summary>
    public string Refusal()
    {
        var message = Assert
            .ThrowsAny<GyreException>(() => ExportedProgram.Open(Path).Load(ScalarType.Float64, CPU).Dispose())
            .Message;
        Assert.Contains(Path, message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
        return message;
    }
}
