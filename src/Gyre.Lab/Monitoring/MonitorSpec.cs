using Gyre.Lab.Objectives;
using Gyre.Lab.Specs;
using static TorchSharp.torch;

namespace Gyre.Lab.Monitoring;

/// <summary>
/// The spec of a run whose model, data and loss are the caller's: what can be said of it in a spec's words.
/// </summary>
internal static class MonitorSpec
{
    /// <exception cref="SpecException">An option out of range, every one named.</exception>
    public static RunSpec Of(MonitorOptions options, Objective objective)
    {
        var sets = FormattableString.Invariant(
            $"""
            seed = {options.Seed}
            threads = {get_num_threads()}
            device = "{(objective.Layout.Device.type == TorchSharp.DeviceType.CUDA ? "cuda" : "cpu")}"
            dtype = "{(objective.Layout.Dtype == ScalarType.Float64 ? "float64" : "float32")}"
            name = "monitor"
            data.name = "{RunSpec.Own}"
            data.samples = {objective.Samples}
            model.name = "{RunSpec.Own}"
            objective.loss = "{RunSpec.Own}"
            objective.weight_decay = {options.WeightDecay:0.0###############}
            objective.chunk = {options.Chunk}
            objective.cache_mb = {options.CacheMegabytes}
            training.steps = 1000000000
            curvature.pairs = {options.Pairs}
            curvature.every = {options.Every}
            curvature.burst = {options.Burst}
            curvature.follow = {(options.Follow ? "true" : "false")}
            curvature.angle_tolerance = {options.AngleToleranceDegrees:0.0###############}
            curvature.max_products = {options.MaxProducts}
            curvature.basis = {Math.Max(32, options.Pairs + 8)}
            """
        );
        return SpecReader.ReadText(sets, "MonitorOptions");
    }
}
