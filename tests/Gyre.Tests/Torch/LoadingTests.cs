using Gyre.Tests.Engine;
using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

public class LoadingTests
{
    private static readonly string Own = LibTorch.Load().Folder;
    private static readonly string Shim = Path.Combine(AppContext.BaseDirectory, LibTorchFolder.Shim);

    [Fact]
    public void Loads_once_and_says_what_it_found()
    {
        var info = LibTorch.Load();
        Assert.Equal(LibTorchFolder.NeededVersion, info.Version);
        Assert.False(info.NamedByUser);
        Assert.True(File.Exists(Path.Combine(info.Folder, LibTorchFolder.Library)));
        Assert.NotEqual("unknown", info.CpuCapability);
        Assert.Same(info, LibTorch.Load());
    }

    [Fact]
    public void The_libtorch_that_is_named_is_the_one_used_and_the_only_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Folders are examined on Linux only.");
        using var named = new TemporaryFolder();
        Directory.CreateDirectory(named["lib"]);
        foreach (var file in Directory.GetFiles(Own, "*.so*"))
            File.CreateSymbolicLink(Path.Combine(named["lib"], Path.GetFileName(file)), file);
        File.WriteAllText(named["version.py"], "__version__ = '2.10.0+cu128'\n");
        var answer = named["answer"];
        var outcome = Child(named.Path, answer);
        Assert.True(outcome.ExitCode == 0, outcome.Text);
        Assert.Equal([named["lib"], "True"], File.ReadAllLines(answer)); // folder, named by the user
    }

    [Fact]
    public void A_folder_that_lacks_functions_is_refused_before_anything_of_it_is_loaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Folders are examined on Linux only.");
        using var named = new TemporaryFolder();
        Directory.CreateDirectory(named["lib"]);
        foreach (var file in new[] { "libtorch.so", "libc10.so" })
            File.CreateSymbolicLink(named[$"lib/{file}"], Path.Combine(Own, file));
        File.WriteAllText(named["version.py"], "debug = False\n__version__ = '1.13.1'\n");
        var error = Assert.Throws<LibTorchException>(() => LibTorchFolder.Named(named["lib"], Shim));
        Assert.Contains("which contains libtorch 1.13.1; it lacks", error.Fault, StringComparison.Ordinal);
        Assert.Contains("at::globalContext", error.Fault, StringComparison.Ordinal);
        Assert.Contains("libtorch 2.10.0", error.Cure, StringComparison.Ordinal);

        var outcome = Child(named["lib"], named["answer"]);
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("which contains libtorch 1.13.1; it lacks", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_libtorch_that_came_with_the_program_lacks_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Folders are examined on Linux only.");
        Assert.Empty(LibTorchFolder.MissingSymbols(Own, Shim));
    }

    [Fact]
    public void A_named_folder_that_is_not_there_or_empty_or_not_a_libtorch_is_said()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Folders are examined on Linux only.");
        using var named = new TemporaryFolder();
        Says("which is not a folder", named["nowhere"]);
        Says("but there is no libtorch.so in it", named.Path);
        File.WriteAllText(named["libtorch.so"], "text");
        File.WriteAllText(named["libtorch_cpu.so"], "text");
        Says("is not a library that can be examined", named.Path);

        void Says(string words, string folder)
        {
            var error = Assert.Throws<LibTorchException>(() => LibTorchFolder.Named(folder, Shim));
            Assert.Contains($"GYRE_LIBTORCH names {folder}", error.Fault, StringComparison.Ordinal);
            Assert.Contains(words, error.Fault, StringComparison.Ordinal);
            Assert.Contains("unset it", error.Cure, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("version.py", "__version__ = '2.9.1+cpu'\ndebug = False", "2.9.1+cpu")]
    [InlineData("build-version", "2.10.0+cu130\n", "2.10.0+cu130")]
    [InlineData("include/torch/version.h", "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION \"2.8.0\"\n", "2.8.0")]
    [InlineData("build-version", "nightly\n", null)]
    [InlineData("README", "2.10.0", null)]
    public void The_version_of_a_folder_is_read_from_the_files_beside_it(string file, string text, string? version)
    {
        using var above = new TemporaryFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(above[file])!);
        File.WriteAllText(above[file], text);
        Assert.Equal(version, LibTorchFolder.VersionOf(above["lib"]));
        Assert.Equal(version, LibTorchFolder.VersionOf(above["lib/"]));
    }

    [Fact]
    public void Where_nothing_is_found_the_places_searched_are_named()
    {
        using var empty = new TemporaryFolder();
        var error = Assert.Throws<LibTorchException>(() =>
            LibTorchFolder.GetPath("libtorch.so", [empty.Path, "", empty["other"], empty.Path])
        );
        Assert.Equal(
            $"libtorch.so was not found in any of these folders: {empty.Path}, {empty["other"]}.",
            error.Fault
        );
        Assert.Contains("GYRE_LIBTORCH", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void What_libtorch_says_of_itself_is_understood()
    {
        var says = LibTorchConfiguration.Parse(
            "PyTorch built with:\n  - GCC 11.2\n  - Intel(R) oneAPI Math Kernel Library Version "
                + "2024.2-Product Build 20240605 for Intel(R) 64\n"
                + "  - CPU capability usage: AVX2\n  - Build settings: BLAS_INFO=mkl, TORCH_VERSION=2.7.1, "
                + "USE_CUDA=1, \n"
        );
        Assert.Equal(new("2.7.1", "AVX2", "Intel(R) oneAPI Math Kernel Library Version 2024.2-Product"), says);
        Assert.Equal(new(null, null, null), LibTorchConfiguration.Parse("something else"));
    }

    /// <summary>Run here, and by other tests in processes of their own, where it also answers.</summary>
    [Fact]
    public void One_libtorch_is_in_memory_and_computes()
    {
        var info = LibTorch.Load();
        using var sum = TorchSharp.torch.ones(2).sum();
        Assert.Equal(2.0, sum.item<float>());
        if (!OperatingSystem.IsLinux())
            return;
        var mapped = File.ReadLines("/proc/self/maps")
            .Where(l => l.Contains("libtorch_cpu.so", StringComparison.Ordinal))
            .Select(l => l[l.IndexOf('/')..]);
        Assert.Single(mapped.Distinct());
        if (Environment.GetEnvironmentVariable(ChildProcess.Answer) is { } file)
            File.WriteAllLines(file, [info.Folder, $"{info.NamedByUser}"]);
    }

    private static ChildProcess.Outcome Child(string named, string answer) =>
        ChildProcess.Run(
            typeof(LoadingTests),
            nameof(One_libtorch_is_in_memory_and_computes),
            new Dictionary<string, string?> { [LibTorch.FolderVariable] = named, [ChildProcess.Answer] = answer }
        );
}
