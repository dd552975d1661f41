using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Gyre.Torch;

/// <summary>What the processor offers, by the names that libtorch uses.</summary>
internal static class Processor
{
    /// <summary>AVX512, AVX2, NEON or DEFAULT.</summary>
    public static string Capability =>
        Avx512F.IsSupported ? "AVX512"
        : Avx2.IsSupported ? "AVX2"
        : AdvSimd.IsSupported ? "NEON"
        : "DEFAULT";
}
