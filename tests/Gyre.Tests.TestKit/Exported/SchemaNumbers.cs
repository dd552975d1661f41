using static TorchSharp.torch;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>The schema's numbers of types (torch/_export/serde/schema.py).</summary>
internal static class SchemaNumbers
{
    private static readonly Dictionary<ScalarType, int> Dtypes = new()
    {
        [ScalarType.Byte] = 1,
        [ScalarType.Int8] = 2,
        [ScalarType.Int16] = 3,
        [ScalarType.Int32] = 4,
        [ScalarType.Int64] = 5,
        [ScalarType.Float16] = 6,
        [ScalarType.Float32] = 7,
        [ScalarType.Float64] = 8,
        [ScalarType.ComplexFloat32] = 10,
        [ScalarType.ComplexFloat64] = 11,
        [ScalarType.Bool] = 12,
        [ScalarType.BFloat16] = 13,
    };

    /// <summary>The number of a type.</summary>
    public static int Get(ScalarType dtype) => Dtypes[dtype];
}
