using System.Globalization;
using CsCheck;
using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using Gyre.Torch.Exported;
using Gyre.Torch.Weights;

namespace Gyre.Tests.Fuzz;

/// <summary>
/// Sound files with some bytes changed, to every reader of a user's files: each is read, or refused in a short sentence
/// that names it, in bounded time and memory.
/// 2,000 files in all; GYRE_FUZZ=100000 makes it as many (CONTRIBUTING.md).
/// </summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private const string Variable = "GYRE_FUZZ";
    private const int MostMessage = 800;
    private const long MostBytes = 256 << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. FuzzKind.All.Select(kind => kind.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_file_is_read_or_refused_by_name(string name)
    {
        var kind = FuzzKind.All.Single(kind => kind.Name == name);
        foreach (var (file, bytes) in kind.Beside)
            File.WriteAllBytes(_folder[file], bytes);
        var asked = Environment.GetEnvironmentVariable(Variable);
        var all = asked is null ? 2000 : int.Parse(asked, CultureInfo.InvariantCulture);
        Gen.Select(Gen.Int[0, kind.Sound.Length - 1], Mutation.Several)
            .Sample(
                (which, changes) => Hold(kind, kind.Pack(Mutation.Apply(kind.Sound[which], changes))),
                iter: Math.Max(1, all / FuzzKind.All.Count),
                threads: 1
            );
    }

    /// <summary>What is sound must be read: else the changes above change nothing that matters.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Sound_files_are_read(string name)
    {
        var kind = FuzzKind.All.Single(kind => kind.Name == name);
        foreach (var (file, bytes) in kind.Beside)
            File.WriteAllBytes(_folder[file], bytes);
        foreach (var sound in kind.Sound)
        {
            File.WriteAllBytes(_folder[kind.File], kind.Pack(sound));
            kind.Read(_folder.Path);
        }
    }

    private void Hold(FuzzKind kind, byte[] bytes)
    {
        File.WriteAllBytes(_folder[kind.File], bytes);
        var reading = Task.Run(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var said = Said(() => kind.Read(_folder.Path));
            return (said, GC.GetAllocatedBytesForCurrentThread() - before);
        });
        Assert.True(reading.Wait(MostTime), $"{kind.Name}: no end within {MostTime.TotalSeconds} seconds");
        var (message, taken) = reading.Result;
        Assert.InRange(taken, 0, MostBytes);
        if (message is null)
            return;
        Assert.InRange(message.Length, 10, MostMessage);
        Assert.Contains(Path.GetFileName(_folder.Path), message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, letter => char.IsControl(letter));
    }

    /// <summary>The sentence of a refusal; null where the file is read.</summary>
    private static string? Said(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception error)
            when (error is DataException or SafetensorsException or WeightsException or ExportedProgramException)
        {
            return error.Message;
        }
    }
}
