using System.Runtime.InteropServices;
using Gyre.Tests.Engine;
using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

public class PatchedShimTests
{
    private static readonly string Stock = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    public PatchedShimTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The patch is for Linux.");

    [Fact]
    public void The_copy_differs_in_one_bit_and_loads()
    {
        using var cache = new TemporaryFolder();
        var (stock, copy) = (File.ReadAllBytes(Stock), File.ReadAllBytes(PatchedShim.Ensure(Stock, cache.Path)));
        Assert.Equal(stock.Length, copy.Length);
        var changed = Assert.Single(Enumerable.Range(0, stock.Length), i => stock[i] != copy[i]);
        Assert.Equal(2, stock[changed] ^ copy[changed]);
        LibTorch.Load();
        NativeLibrary.Load(Assert.Single(Directory.GetFiles(cache.Path)));
    }

    [Fact]
    public void A_damaged_copy_is_mended_and_a_sound_one_left_alone()
    {
        using var cache = new TemporaryFolder();
        var path = PatchedShim.Ensure(Stock, cache.Path);
        var sound = File.ReadAllBytes(path);
        var written = File.GetLastWriteTimeUtc(path);
        Assert.Equal(path, PatchedShim.Ensure(Stock, cache.Path));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        foreach (var damaged in new[] { sound[..^1], [.. sound, 0], Flipped(sound, sound.Length / 2), [] })
        {
            File.WriteAllBytes(path, damaged);
            Assert.Equal(path, PatchedShim.Ensure(Stock, cache.Path));
            Assert.Equal(sound, File.ReadAllBytes(path));
        }
        Assert.Equal([path], Directory.GetFileSystemEntries(cache.Path));
    }

    [Fact]
    public void Many_at_once_end_with_one_sound_copy()
    {
        using var cache = new TemporaryFolder();
        var expected = File.ReadAllBytes(PatchedShim.Ensure(Stock, cache.Path));
        using var gate = new Barrier(8);
        for (var round = 0; round < 5; round++)
        {
            Directory.Delete(cache.Path, recursive: true);
            var seen = new byte[8][];
            var threads = Enumerable
                .Range(0, 8)
                .Select(i => new Thread(() =>
                {
                    gate.SignalAndWait(TestContext.Current.CancellationToken);
                    seen[i] = File.ReadAllBytes(PatchedShim.Ensure(Stock, cache.Path));
                }))
                .ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            Assert.All(seen, bytes => Assert.Equal(expected, bytes));
            Assert.Single(Directory.GetFileSystemEntries(cache.Path));
        }
    }

    [Fact]
    public void Processes_that_start_at_once_on_an_empty_cache_all_load()
    {
        using var home = new TemporaryFolder();
        var environment = new Dictionary<string, string?> { ["XDG_DATA_HOME"] = home.Path };
        var children = Enumerable
            .Range(0, 3)
            .Select(_ =>
                ChildProcess.Start(
                    typeof(LoadingTests),
                    nameof(LoadingTests.One_libtorch_is_in_memory_and_computes),
                    environment
                )
            )
            .ToArray();
        var outcomes = children.Select(ChildProcess.Finish).ToArray();
        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.Text));
        foreach (var child in children)
            child.Dispose();
        if (LibTorch.Load().Patched)
            Assert.Single(Directory.GetFileSystemEntries(home["gyre/native"]));
    }

    [Fact]
    public void Without_a_cache_to_write_a_private_copy_is_loaded_and_removed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "in the way");
        foreach (var cache in new[] { null, folder["file/native"] })
        {
            var mode = UnixFileMode.None;
            var loaded = PatchedShim.Load(
                Stock,
                cache,
                path =>
                {
                    if (!OperatingSystem.IsWindows())
                        mode = File.GetUnixFileMode(Path.GetDirectoryName(path)!);
                    NativeLibrary.Load(path);
                }
            );
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
            Assert.False(Directory.Exists(Path.GetDirectoryName(loaded)));
        }
    }

    [Fact]
    public void Where_no_copy_can_be_loaded_both_places_and_the_cure_are_named()
    {
        using var cache = new TemporaryFolder();
        var error = Assert.Throws<LibTorchException>(() =>
            PatchedShim.Load(Stock, cache.Path, _ => throw new DllNotFoundException("mounted noexec"))
        );
        Assert.Contains(
            $"{cache.Path}: mounted noexec; {Path.GetTempPath()}: mounted noexec",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("XDG_DATA_HOME", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shim_that_calls_the_missing_version_is_not_patched()
    {
        using var folder = new TemporaryFolder();
        var image = File.ReadAllBytes(Stock);
        GiveRelocatedSymbolTheMissingVersion(image);
        File.WriteAllBytes(folder["shim.so"], image);
        var error = Assert.Throws<LibTorchException>(() => PatchedShim.Ensure(folder["shim.so"], folder["cache"]));
        Assert.Contains("it calls _Z", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["cache"]));
    }

    [Fact]
    public void A_file_that_is_not_the_shim_is_not_patched()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["shim.so"], "not a library");
        var text = Assert.Throws<LibTorchException>(() => PatchedShim.Ensure(folder["shim.so"], folder.Path));
        Assert.Contains("shim.so cannot be adapted", text.Fault, StringComparison.Ordinal);
        var missing = Assert.Throws<LibTorchException>(() => PatchedShim.Ensure(folder["none.so"], folder.Path));
        Assert.Contains("none.so", missing.Fault, StringComparison.Ordinal);
        var other = Assert.Throws<LibTorchException>(() =>
            PatchedShim.Ensure(Path.Combine(LibTorch.Load().Folder, "libc10.so"), folder.Path)
        );
        Assert.Contains("nothing to adapt", other.Fault, StringComparison.Ordinal);
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 1;
        return copy;
    }

    /// <summary>
    /// Makes the version table say that a function which is really called is of the version that the patch removes.
    /// </summary>
    private static void GiveRelocatedSymbolTheMissingVersion(byte[] image)
    {
        var (version, row) = ElfFile.Using(
            image,
            "shim",
            elf =>
                (
                    elf.NeededVersions().Single(v => v.Value == PatchedShim.MissingVersion).Key,
                    elf.RelocatedSymbols()
                        .First(r =>
                            r > 0
                            && elf.Symbols().ElementAt(r) is { IsDefined: false, Version: > 1 } s
                            && s.Name.StartsWith("_Z", StringComparison.Ordinal)
                        )
                )
        );
        var sections = (int)BitConverter.ToInt64(image, 0x28);
        for (var at = sections; at < image.Length; at += 64)
            if (BitConverter.ToUInt32(image, at + 4) == 0x6fffffff)
                BitConverter.TryWriteBytes(image.AsSpan((int)BitConverter.ToInt64(image, at + 24) + row * 2), version);
    }
}
