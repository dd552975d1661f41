using Gyre.Tests.Engine;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using TorchSharp;

namespace Gyre.Tests.Torch;

/// <summary>What of the path to a CUDA device can be tried without one.</summary>
public class CudaTests
{
    private static readonly CudaDevice Device = new("NVIDIA H100 80GB HBM3", 85L << 30, "9.0");

    [Fact]
    public void The_libraries_of_a_Python_installation_are_loaded_each_before_those_that_need_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux's files are examined.");
        using var site = new TemporaryFolder();
        var lib = site["torch/lib"];
        ElfStub.Write(
            Path.Combine(lib, "libtorch_cuda.so"),
            "libc10_cuda.so",
            "libcudnn.so.9",
            "libcublas.so.12",
            "libtorch_cpu.so",
            "libc.so.6"
        );
        ElfStub.Write(Path.Combine(lib, "libc10_cuda.so"), "libc10.so", "libcudart.so.12");
        ElfStub.Write(Path.Combine(lib, "libtorch_cpu.so"), "libc10.so");
        ElfStub.Write(Path.Combine(lib, "libc10.so"), "libstdc++.so.6");
        ElfStub.Write(site["nvidia/cublas/lib/libcublas.so.12"], "libcublasLt.so.12");
        ElfStub.Write(site["nvidia/cublas/lib/libcublasLt.so.12"]);
        ElfStub.Write(site["nvidia/cuda_runtime/lib/libcudart.so.12"]);
        // a ring must not catch it
        ElfStub.Write(site["nvidia/cudnn/lib/libcudnn.so.9"], "libcublasLt.so.12", "libcudnn.so.9");
        var order = LibraryOrder.Sort(lib).Select(Path.GetFileName).ToList();

        Assert.Equal(
            [
                "libc10.so",
                "libcudart.so.12",
                "libc10_cuda.so",
                "libcublasLt.so.12",
                "libcudnn.so.9",
                "libcublas.so.12",
                "libtorch_cpu.so",
                "libtorch_cuda.so",
            ],
            order
        );
        Assert.Contains(site["nvidia/cudnn/lib/libcudnn.so.9"], LibraryOrder.Sort(lib));
    }

    [Fact]
    public void Beside_a_libtorch_that_was_unpacked_alone_lie_all_its_libraries_and_a_build_for_the_processor_has_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux's files are examined.");
        using var folder = new TemporaryFolder();
        ElfStub.Write(folder["lib/libtorch_cuda.so"], "libcudart.so.12");
        ElfStub.Write(folder["lib/libcudart.so.12"]);
        Assert.Equal([folder["lib/libcudart.so.12"], folder["lib/libtorch_cuda.so"]], LibraryOrder.Sort(folder["lib"]));
        Assert.False(LibraryOrder.IsCudaBuild(folder.Path));
        Assert.Empty(LibraryOrder.Sort(folder.Path));
        Assert.False(LibTorch.Load().BuiltForCuda);
    }

    [Fact]
    public void A_CUDA_library_that_is_damaged_is_said_before_anything_of_the_folder_computes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux's files are examined.");
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(LibTorch.Load().Folder, "*.so*"))
            File.CreateSymbolicLink(folder[Path.GetFileName(file)], file);
        File.WriteAllText(folder["libtorch_cuda.so"], "half a file");
        var child = ChildProcess.Run(
            typeof(LoadingTests),
            nameof(LoadingTests.One_libtorch_is_in_memory_and_computes),
            new Dictionary<string, string?> { ["GYRE_LIBTORCH"] = folder.Path }
        );
        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains($"The CUDA libraries of {folder.Path} cannot be read", child.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Products_are_told_whether_TF32_is_wanted_both_ways(bool wanted)
    {
        try
        {
            Assert.Equal(wanted, Cuda.Settle(wanted).Tf32);
            Assert.Equal((wanted, wanted), (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32));
        }
        finally
        {
            Cuda.Settle(false);
        }
    }

    [Fact]
    public void Every_flag_of_determinism_is_one_that_libtorch_has()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
                    == System.Runtime.InteropServices.Architecture.X64,
            "Flags are set by their names on Linux, x64."
        );
        var child = ChildProcess.Run(
            typeof(CudaTests),
            nameof(Flags_are_set),
            new Dictionary<string, string?> { [ChildProcess.Request] = "flags" }
        );
        Assert.True(child.ExitCode == 0, child.Text);
    }

    /// <summary>In a process of its own: the flags hold for the whole of it.</summary>
    [Fact]
    public void Flags_are_set()
    {
        if (Environment.GetEnvironmentVariable(ChildProcess.Request) != "flags")
            return; // the test above runs it
        LibTorch.Load();
        Assert.True(Cuda.PreferDeterministic());
        using var sum = torch.ones(3, device: torch.CPU).sum(); // the processor computes as before
        Assert.Equal(3, Host.Number(sum));
    }

    /// <summary>
    /// Functions, their order and the pairs that belong together: the stand-in answers wrongly where a context is not
    /// retained, pushed, popped and released.
    /// </summary>
    [Fact]
    public void The_driver_is_asked_as_its_manual_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-in is for Linux.");
        var compiled = Compile(out var folder, out var library);
        Assert.SkipUnless(compiled, "There is no C compiler here for a stand-in.");
        using (folder)
        {
            var driver = CudaDriver.TryLoad(library)!;
            Assert.Equal("12.8", driver.VersionText);
            Assert.Equal(
                [new("Stand-in 100", 80L << 30, "9.0"), new("Stand-in 101", 80L << 30, "9.0")],
                driver.Devices()
            );
            for (var time = 0; time < 3; time++)
                Assert.Equal(12345, driver.UsedBytes(1));
            Assert.Null(driver.UsedBytes(7));
        }
    }

    private static bool Compile(out TemporaryFolder folder, out string library)
    {
        folder = new TemporaryFolder();
        library = folder["libstandin.so"];
        File.WriteAllText(folder["standin.c"], StandIn);
        try
        {
            using var compiler = System.Diagnostics.Process.Start(
                "cc",
                ["-shared", "-fPIC", "-o", library, folder["standin.c"]]
            );
            compiler.WaitForExit();
            return compiler.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            folder.Dispose();
            return false;
        }
    }

    private const string StandIn = """
        #include <stdio.h>
        static int pushed = 0, retained = 0;
        int cuInit(unsigned flags) { return flags; }
        int cuDriverGetVersion(int *version) { *version = 12080; return 0; }
        int cuDeviceGetCount(int *count) { *count = 2; return 0; }
        int cuDeviceGet(int *device, int ordinal) { if (ordinal < 0 || ordinal > 1) return 101; *device = 100 + ordinal; return 0; }
        int cuDeviceGetName(char *name, int length, int device) { snprintf(name, length, "Stand-in %d", device); return 0; }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)80 << 30; return 0; }
        int cuDeviceGetAttribute(int *value, int attribute, int device)
        { *value = attribute == 75 ? 9 : 0; return attribute == 75 || attribute == 76 ? 0 : 1; }
        int cuDevicePrimaryCtxRetain(void **context, int device) { retained++; *context = (void *)(size_t)device; return 0; }
        int cuDevicePrimaryCtxRelease_v2(int device) { return --retained < 0; }
        int cuCtxPushCurrent_v2(void *context) { pushed++; return (size_t)context < 100; }
        int cuCtxPopCurrent_v2(void **context) { pushed--; *context = 0; return 0; }
        int cuMemGetInfo_v2(size_t *free, size_t *total)
        {
            if (pushed != 1 || retained != 1) return 201;
            *total = (size_t)80 << 30;
            *free = *total - 12345;
            return 0;
        }
        """;

    [Fact]
    public void A_driver_is_asked_only_where_there_is_one() =>
        Assert.Null(CudaDriver.TryLoad("libthere-is-no-such-driver.so"));

    [Fact]
    public void The_doctor_says_what_is_there_and_what_is_missing()
    {
        Assert.Equal(
            "driver for CUDA 12.8; NVIDIA H100 80GB HBM3, 85.0 GiB, compute capability 9.0",
            Found(FindingSeverity.Ok, EngineReport.ExamineCuda(true, "12.8", [Device], true)).Fact
        );
        Assert.Contains(
            "no driver",
            Found(FindingSeverity.Warning, EngineReport.ExamineCuda(true, null, [], false)).Fact,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "CUDA_VISIBLE_DEVICES",
            Found(FindingSeverity.Warning, EngineReport.ExamineCuda(true, "12.8", [], false)).Cure,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "at least as new",
            Found(FindingSeverity.Warning, EngineReport.ExamineCuda(true, "11.4", [Device], false)).Cure,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "GYRE_LIBTORCH",
            Found(FindingSeverity.Warning, EngineReport.ExamineCuda(false, "12.8", [Device], false)).Cure,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "processor only",
            Found(FindingSeverity.Ok, EngineReport.ExamineCuda(false, null, [], false)).Fact,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.1 GiB of which 1.2 "
            + "GiB is free.",
        nameof(MemoryPlace.Device),
        "CUDA out of memory. Tried to allocate 2.00 GiB"
    )]
    [InlineData(
        "CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        nameof(MemoryPlace.Device),
        "CUBLAS_STATUS_ALLOC_FAILED"
    )]
    [InlineData(
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried "
            + "to allocate 800000000 bytes. Error code 12 (Cannot allocate memory)",
        nameof(MemoryPlace.Host),
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 800000000 bytes"
    )]
    public void Memory_that_ran_out_is_recognised_by_what_libtorch_says(string message, string place, string words)
    {
        var wrapped = new GradientException("the backward pass failed", new InvalidOperationException(message));
        Assert.Equal(new MemoryFault(Enum.Parse<MemoryPlace>(place), words), MemoryFault.TryFind(wrapped));
    }

    [Fact]
    public void Other_errors_are_not_taken_for_it()
    {
        Assert.Null(MemoryFault.TryFind(new InvalidOperationException("mat1 and mat2 shapes cannot be multiplied")));
        Assert.Null(MemoryFault.TryFind(null));
    }

    [Fact]
    public void The_allocator_of_this_process_says_so_too()
    {
        using var scope = torch.NewDisposeScope();
        var error = Assert.ThrowsAny<Exception>(() => torch.empty([1L << 50], torch.ScalarType.Float64, torch.CPU));
        Assert.Equal(MemoryPlace.Host, MemoryFault.TryFind(error)?.Place);
    }

    private static EngineFinding Found(FindingSeverity severity, EngineFinding finding)
    {
        Assert.Equal(severity, finding.Severity);
        Assert.Equal(severity == FindingSeverity.Ok, finding.Cure is null);
        return finding;
    }
}
