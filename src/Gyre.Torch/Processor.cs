using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Gyre.Torch;

/// <summary>The vector instructions that the processor supports, by the names that libtorch uses.</summary>
internal static class Processor
{
    /// <summary>AVX512, AVX2, NEON or DEFAULT.</summary>
    public static string Capability
    {
        get
        {
            if (Avx512F.IsSupported)
                return "AVX512";
            if (Avx2.IsSupported)
                return "AVX2";
            return AdvSimd.IsSupported ? "NEON" : "DEFAULT";
        }
    }
}
