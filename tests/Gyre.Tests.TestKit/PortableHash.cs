using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Tests.TestKit;

/// <summary>
/// Hashes of a run's files that are the same on every machine. The last bits of a sum depend on a processor's vectors
/// and on fused multiplication, also in float64, so numbers are rounded to 8 decimals first; the spec has none that
/// were computed.
/// </summary>
public static partial class PortableHash
{
    private const int Decimals = 8;

    /// <summary>SHA-256 of a file, of its rounded text where it holds measured numbers.</summary>
    public static string Compute(string path) =>
        Path.GetExtension(path) is ".jsonl" or ".json"
            ? Hash(Encoding.UTF8.GetBytes(Round(File.ReadAllText(path))))
            : Hash(File.ReadAllBytes(path));

    /// <summary>The text with every number rounded; a number below what is kept is 0, without a sign.</summary>
    public static string Round(string text) =>
        Number()
            .Replace(
                Seal().Replace(text, ""),
                match =>
                    (Math.Round(double.Parse(match.Value, CultureInfo.InvariantCulture), Decimals) + 0.0).ToString(
                        "0.########",
                        CultureInfo.InvariantCulture
                    )
            );

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    [GeneratedRegex(@"(?<=[:\[,]\s*)-?\d+(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number();

    /// <summary>Lengths and hashes of the other files, which are those of their bytes.</summary>
    [GeneratedRegex("\"[0-9a-f]{64}\"|\"bytes\":\\s*\\d+")]
    private static partial Regex Seal();
}
