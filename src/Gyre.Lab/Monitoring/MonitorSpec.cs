using Gyre.Lab.Objectives;
using Gyre.Lab.Specs;
using static TorchSharp.torch;

namespace Gyre.Lab.Monitoring;

/// <summary>
/// Creates the spec of a run with the caller's model, data and loss, as far as a spec can describe them.
/// </summary>
internal static class MonitorSpec
{
    private const int UsualBasis = 32;

    /// <exception cref="SpecException">Options are out of range; the message lists all of them.</exception>
    public static RunSpec FromOptions(MonitorOptions options, Objective objective)
    {
        var layout = objective.Layout;
        var spec = new RunSpec
        {
            Name = "monitor",
            Seed = options.Seed,
            Threads = get_num_threads(),
            Device = layout.Device.type == TorchSharp.DeviceType.CUDA ? DeviceNames.Cuda : DeviceNames.Cpu,
            Dtype = layout.Dtype == ScalarType.Float64 ? DtypeNames.Float64 : DtypeNames.Float32,
            Data = new() { Name = RunSpec.Own, Samples = (int)Math.Min(objective.Samples, int.MaxValue) },
            Model = new() { Name = RunSpec.Own },
            Objective = new()
            {
                Loss = RunSpec.Own,
                WeightDecay = options.WeightDecay,
                Chunk = options.Chunk,
                CacheMegabytes = options.CacheMegabytes,
            },
            Training = new() { Steps = 1_000_000_000 },
            Curvature = new()
            {
                Pairs = options.Pairs,
                Every = options.Every,
                Burst = options.Burst,
                Follow = new() { On = options.Follow },
                AngleToleranceDegrees = options.AngleToleranceDegrees,
                MaxProducts = options.MaxProducts,
                Basis = Math.Max(UsualBasis, options.Pairs + 8),
            },
        };
        return SpecReader.Checked(spec, "MonitorOptions");
    }
}
