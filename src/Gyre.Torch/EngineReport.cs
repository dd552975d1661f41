using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>The severity of a finding.</summary>
internal enum FindingSeverity
{
    /// <summary>Nothing is wrong.</summary>
    Ok,

    /// <summary>The engine works, but more slowly or less safely than it could.</summary>
    Warning,

    /// <summary>Runs cannot start or cannot be trusted.</summary>
    Error,
}

/// <summary>The result of one check.</summary>
/// <param name="Subject">The subject of the check, in a word or two.</param>
/// <param name="Severity">The severity of the finding.</param>
/// <param name="Fact">The observed fact, in at most a sentence.</param>
/// <param name="Cure">The recommended action; null if none is needed.</param>
internal sealed record EngineFinding(string Subject, FindingSeverity Severity, string Fact, string? Cure = null);

/// <summary>The findings about the engine on this machine: the data of <c>gyre doctor</c>.</summary>
/// <param name="Findings">The findings, in the order in which a person would look for them.</param>
internal sealed record EngineReport(IReadOnlyList<EngineFinding> Findings)
{
    private static readonly string[] Variables =
    [
        LibTorch.FolderVariable,
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OMP_WAIT_POLICY",
        "GOMP_SPINCOUNT",
        "MALLOC_ARENA_MAX",
        "GLIBC_TUNABLES",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "CUDA_VISIBLE_DEVICES",
        "CUBLAS_WORKSPACE_CONFIG",
        "NVIDIA_TF32_OVERRIDE",
        "PYTORCH_CUDA_ALLOC_CONF",
    ];

    /// <summary>Whether runs can start and be trusted: no finding is an error.</summary>
    public bool IsSound => Findings.All(finding => finding.Severity != FindingSeverity.Error);

    /// <summary>
    /// Runs every check, and tests a gradient and a product against known values. Loads libtorch; takes about a
    /// second. Any fault becomes a finding, never an exception.
    /// </summary>
    public static EngineReport Examine()
    {
        var findings = new List<EngineFinding> { ExamineRuntime(), ExamineSystem(), ExamineVariables() };
        try
        {
            var info = LibTorch.Load();
            findings.AddRange([
                ExamineLibrary(info),
                ExamineShim(info),
                ExamineThreads(LibTorch.Threads, Environment.ProcessorCount),
                ExamineVectors(info),
                ExamineConvolutions(OneDnn.HandlesRemainders, OneDnn.CanSwitch),
                ExamineCuda(
                    info.BuiltForCuda,
                    CudaDriver.Here?.VersionText,
                    CudaDriver.Here?.Devices() ?? [],
                    Cuda.IsAvailable
                ),
                ExamineAllocator(info),
                SelfTest(),
            ]);
        }
        catch (LibTorchException error)
        {
            findings.Add(new("libtorch", FindingSeverity.Error, error.Fault, error.Cure));
        }
        catch (Exception error)
        {
            findings.Add(
                new(
                    "libtorch",
                    FindingSeverity.Error,
                    $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}",
                    "This is a bug. Please report it with the lines above."
                )
            );
        }
        return new(findings);
    }

    internal static EngineFinding ExamineRuntime()
    {
        var collector =
            GCSettings.IsServerGC || IsOn("ConcurrentGC")
                ? "collections on other threads"
                : "collections on the calling thread";
        var fact = $"{RuntimeInformation.FrameworkDescription}, {collector}";
        return GCSettings.IsServerGC || IsOn("ConcurrentGC")
            ? new(
                "runtime",
                FindingSeverity.Warning,
                fact,
                "Unset DOTNET_gcConcurrent and DOTNET_gcServer: finalizers on other threads can free tensors in use."
            )
            : new("runtime", FindingSeverity.Ok, fact);
    }

    internal static EngineFinding ExamineLibrary(LibTorchInfo info)
    {
        var source = info.NamedByUser ? $" (named by {LibTorch.FolderVariable})" : "";
        var blas = info.Blas is null ? "" : $", {info.Blas}";
        var fact = $"{info.Version} in {info.Folder}{source}{blas}";
        return Release(info.Version) == Release(LibTorchFolder.NeededVersion)
            ? new("libtorch", FindingSeverity.Ok, fact)
            : new(
                "libtorch",
                FindingSeverity.Warning,
                fact,
                "It has every function that this program calls, but the program was built and tested with "
                    + $"{LibTorchFolder.NeededVersion}: use that version for results that you keep."
            );
    }

    internal static EngineFinding ExamineThreads(int threads, int processors)
    {
        var fact = $"{threads} of {processors} processors";
        return threads <= processors
            ? new("threads", FindingSeverity.Ok, fact)
            : new(
                "threads",
                FindingSeverity.Warning,
                fact,
                $"More threads than processors slow each other down: use {processors} or fewer, or unset "
                    + "OMP_NUM_THREADS."
            );
    }

    internal static EngineFinding ExamineVectors(LibTorchInfo info) =>
        info.CpuCapability is not ("DEFAULT" or "unknown")
            ? new("vector instructions", FindingSeverity.Ok, info.CpuCapability)
            : new(
                "vector instructions",
                FindingSeverity.Warning,
                $"{info.CpuCapability}: kernels without AVX2 or AVX-512",
                "Unset ATEN_CPU_CAPABILITY, or use a newer processor."
            );

    internal static EngineFinding ExamineConvolutions(bool right, bool switchable) =>
        (right, switchable) switch
        {
            (true, _) => new("convolutions", FindingSeverity.Ok, "oneDNN's sums are correct"),
            (_, true) => new(
                "convolutions",
                FindingSeverity.Warning,
                "oneDNN's sums are wrong here where the number of channels is not a multiple of 16; it is "
                    + "switched off except for networks without such layers",
                "Choose widths in multiples of 16. Other networks, and modules from files, are correct too but "
                    + "several times slower (docs/decisions/0006-onednn.md)."
            ),
            _ => new(
                "convolutions",
                FindingSeverity.Warning,
                "oneDNN's sums are wrong here where the number of channels is not a multiple of 16, and it "
                    + "cannot be switched off",
                "Use dtype = \"float64\" for networks with convolutions, or another machine."
            ),
        };

    internal static EngineFinding ExamineAllocator(LibTorchInfo info)
    {
        if (Glibc.Version is null)
            return new("allocator", FindingSeverity.Ok, "the system's own, not changed");
        var fact = info.AllocatorTuned
            ? "glibc's, set to keep freed memory"
            : "not glibc's own, or not tunable; not changed";
        return info.AllocatorTuned
            ? new("allocator", FindingSeverity.Ok, fact)
            : new(
                "allocator",
                FindingSeverity.Warning,
                fact,
                "Unset LD_PRELOAD, unless the preloaded allocator is known to keep large blocks: otherwise, page "
                    + "faults take up to a third of the time of a gradient."
            );
    }

    /// <summary>
    /// Tests L = ½(xy − 1)², with gradient (y(xy−1), x(xy−1)) and Hessian [[y², 2xy−1], [2xy−1, x²]], and compares a
    /// matrix product with plain loops.
    /// </summary>
    internal static EngineFinding SelfTest()
    {
        using var scope = NewDisposeScope();
        const double x = 1.5,
            y = -0.75,
            v = 0.25,
            w = 2;
        var (p, q) = (tensor(x, float64, CPU, requires_grad: true), tensor(y, float64, CPU, requires_grad: true));
        var gradient = Gradients.GradientWithGraph(0.5 * (p * q - 1).square(), [p, q]);
        var product = Gradients.Product(gradient, [p, q], [tensor(v, float64, CPU), tensor(w, float64, CPU)]);
        double[] expected =
        [
            y * (x * y - 1),
            x * (x * y - 1),
            y * y * v + (2 * x * y - 1) * w,
            (2 * x * y - 1) * v + x * x * w,
            MatrixProductByHand(),
        ];
        double[] found = [.. gradient.Concat(product).Select(Host.Number), MatrixProduct()];
        var worst = expected.Zip(found, (e, f) => Math.Abs(e - f) / Math.Abs(e)).Max();
        return worst < 1e-13
            ? new("self-test", FindingSeverity.Ok, "gradient, product and matrix product agree with known values")
            : new(
                "self-test",
                FindingSeverity.Error,
                FormattableString.Invariant(
                    $"a computed value has {Digits(worst)} correct digits; it should have 13 or more"
                ),
                "Do not trust this engine: install the libtorch that came with the program, or try another machine."
            );
    }

    private static int Digits(double error) => Math.Max(0, (int)-Math.Log10(error));

    private static double MatrixProduct()
    {
        var a = arange(64 * 64, float64, CPU).reshape(64, 64) * 0.001;
        return Host.Number(a.mm(a.t()).sum());
    }

    private static double MatrixProductByHand()
    {
        // Σ_ij Σ_k a_ik a_jk = Σ_k (Σ_i a_ik)²
        var columns = Enumerable.Range(0, 64).Select(k => Enumerable.Range(0, 64).Sum(i => (i * 64 + k) * 0.001));
        return columns.Sum(sum => sum * sum);
    }

    private static EngineFinding ExamineSystem() =>
        new(
            "system",
            FindingSeverity.Ok,
            $"{RuntimeInformation.OSDescription}, "
                + $"{RuntimeInformation.ProcessArchitecture}{(Glibc.Version is null ? "" : $", glibc {Glibc.Version}")}"
        );

    private static EngineFinding ExamineVariables()
    {
        var set = Variables
            .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(v => v.Value is not null);
        var fact = string.Join(", ", set.Select(v => $"{v.Name}={v.Value}"));
        return new(
            "environment",
            FindingSeverity.Ok,
            fact.Length == 0 ? "no variable that affects the engine is set" : fact
        );
    }

    private static EngineFinding ExamineShim(LibTorchInfo info) =>
        new(
            "shim",
            FindingSeverity.Ok,
            info.Patched ? $"{info.Shim}, a copy adapted to an older libstdc++" : $"{info.Shim}, unchanged"
        );

    /// <param name="built">Whether libtorch was built for CUDA.</param>
    /// <param name="driver">The newest CUDA version that the driver supports; null without a driver.</param>
    /// <param name="devices">The devices that the driver lists.</param>
    /// <param name="available">Whether libtorch can use them.</param>
    internal static EngineFinding ExamineCuda(
        bool built,
        string? driver,
        IReadOnlyList<CudaDevice> devices,
        bool available
    )
    {
        var shown = string.Join(
            "; ",
            devices.Select(device =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Name}, {device.Bytes / (double)(1 << 30):0.0} GiB, compute capability {device.Capability}"
                )
            )
        );
        return (built, driver, devices.Count, available) switch
        {
            (true, _, _, true) => new(
                "CUDA",
                FindingSeverity.Ok,
                $"driver for CUDA {driver ?? "of an unknown version"}; "
                    + $"{(shown.Length > 0 ? shown : "devices that the driver does not describe")}"
            ),
            (true, null, _, _) => new(
                "CUDA",
                FindingSeverity.Warning,
                "libtorch is a CUDA build, but there is no driver; runs use the processor",
                "Install NVIDIA's driver, or make it available in the container (docs/gpu.md)."
            ),
            (true, _, 0, _) => new(
                "CUDA",
                FindingSeverity.Warning,
                $"libtorch is a CUDA build and a driver for CUDA {driver} is installed, but there is no device "
                    + "that this process may use; runs use the processor",
                "Check CUDA_VISIBLE_DEVICES and the output of `nvidia-smi`."
            ),
            (true, _, _, _) => new(
                "CUDA",
                FindingSeverity.Warning,
                $"libtorch is a CUDA build and cannot use the device ({shown}; driver for CUDA {driver})",
                "Install a driver at least as new as the CUDA that libtorch was built for (docs/gpu.md)."
            ),
            (false, not null, > 0, _) => new(
                "CUDA",
                FindingSeverity.Warning,
                $"there is a device ({shown}), but this libtorch was built for the processor only",
                $"Publish the program for CUDA, or set {LibTorch.FolderVariable} to a libtorch "
                    + $"{LibTorchFolder.NeededVersion} with CUDA (docs/gpu.md)."
            ),
            _ => new("CUDA", FindingSeverity.Ok, "libtorch was built for the processor only; runs use it"),
        };
    }

    private static bool IsOn(string setting) =>
        GC.GetConfigurationVariables().TryGetValue(setting, out var value)
        && Convert.ToBoolean(value, CultureInfo.InvariantCulture);

    private static string Release(string version) => string.Join('.', version.Split('.', '+').Take(2));
}
