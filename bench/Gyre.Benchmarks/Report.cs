using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gyre.Torch;

namespace Gyre.Benchmarks;

/// <summary>Collects rows of figure, value and target, and prints each at once.</summary>
internal sealed class Report
{
    private readonly StringBuilder _rows = new();

    public static void Threads(int count) => LibTorch.SetThreads(count);

    public void Row(string figure, string value, string target)
    {
        var row = $"| {figure} | {value} | {target} |";
        Console.WriteLine(row);
        _rows.Append(row).Append('\n');
    }

    /// <summary>Formats the median and quartiles of ratios.</summary>
    public static string Ratio(IEnumerable<double> ratios)
    {
        var sorted = ratios.Order().ToArray();
        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
        return string.Create(CultureInfo.InvariantCulture, $"{At(0.5):0.00} [{At(0.25):0.00}, {At(0.75):0.00}]");
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    public void Finish(string? path, string word = "")
    {
        if (path is null)
            return;
        var engine = LibTorch.Load();
        var command = $"dotnet run -c Release --project bench/Gyre.Benchmarks -- {word}{path}";
        var machine =
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}; {RuntimeInformation.OSDescription}, "
            + $"{Environment.ProcessorCount} processors";
        var versions =
            $".NET {Environment.Version}; libtorch {engine.Version}, {engine.CpuCapability}; "
            + $"gyre {Lab.Running.Run.Version}";
        var remainders = Torch.OneDnn.HandlesRemainders
            ? "sums remainders of vectors correctly"
            : "omits remainders of vectors (docs/decisions/0006-onednn.md)";
        var head = $"""
            # Benchmarks

            Printed by `{command}`; ratios are medians of alternating pairs, with quartiles.

            {machine}; {versions}.
            One thread unless stated otherwise. oneDNN {remainders}.

            | figure | measured | target |
            | --- | --- | --- |

            """;
        File.WriteAllText(path, head + _rows);
    }
}
