using System.Diagnostics;
using System.Globalization;
using Gyre.Lab.Curvature;
using Gyre.Lab.Measuring;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>The result of an inspection.</summary>
/// <param name="Record">The record for inspect.json.</param>
/// <param name="Top">Leading eigenvectors <c>[k, n]</c>, in the dispose scope of the call.</param>
/// <param name="Bottom">Eigenvectors of the other end.</param>
/// <param name="Offsets">The offset of each selected parameter tensor in a vector.</param>
internal sealed record InspectionResult(
    InspectionRecord Record,
    Tensor Top,
    Tensor Bottom,
    IReadOnlyDictionary<string, long> Offsets
);

/// <summary>Inspects the curvature of one network at one theta, over all its samples.</summary>
internal static class Inspector
{
    private const int Places = 400;

    /// <summary>
    /// An eigenvalue counts as negative if it is below minus this share of the largest |eigenvalue| (chosen: rounding
    /// and exact zeros are far smaller).
    /// </summary>
    private const double Resolution = 1e-3;

    /// <summary>
    /// If the width of the smoothing is below this share of the largest |eigenvalue|, rounding makes the places of
    /// the density equal.
    /// </summary>
    private const double Narrowest = 1e-13;

    /// <summary>Runs an inspection.</summary>
    /// <param name="spec">Data, network and loss; nothing is trained.</param>
    /// <param name="checkpoint">A run's checkpoint whose theta replaces the network's own; null to keep the network's
    /// own.</param>
    /// <param name="theta">A description of where theta comes from.</param>
    /// <param name="options">The scope and the accuracy.</param>
    /// <param name="say">Receives progress messages.</param>
    /// <param name="stop">Ends the inspection at the next product.</param>
    /// <exception cref="InspectionException">The checkpoint belongs to another network, a pattern matches no
    /// parameter, or the first product is not finite.</exception>
    /// <exception cref="ObjectiveException">The objective cannot be trusted.</exception>
    public static InspectionResult Inspect(
        RunSpec spec,
        string? checkpoint,
        string theta,
        InspectionOptions options,
        Action<string> say,
        CancellationToken stop
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(say);
        return ModelFault.Named(spec, () => At(RunEngine.Begin(spec), checkpoint, theta, options, say, stop));
    }

    private static InspectionResult At(
        RunSpec spec,
        string? checkpoint,
        string theta,
        InspectionOptions options,
        Action<string> say,
        CancellationToken stop
    )
    {
        say("reading data and network");
        using var scope = NewDisposeScope();
        using var setup = new RunSetup(spec);
        if (checkpoint is not null)
            StoredTheta.Load(checkpoint, setup);
        using var state = new ModuleState(setup.Model);
        setup.Objective.SelfCheck();
        var whole = setup.Objective.Evaluate();
        string[] frozen =
        [
            .. DistinctParameters.Find(setup.Model).Where(one => !one.Tensor.requires_grad).Select(one => one.Name),
        ];
        ParameterChoice.Keep(setup.Model, options.Parameters);
        using var objective = new Objective(setup.Model, setup.Loss, setup.Train, spec.Objective.WeightDecay);
        var result = new Inspection(spec, options, setup, objective, whole, say, stop).Go([
            theta,
            .. InspectionRemarks.Frozen(frozen),
        ]);
        return result with
        {
            Top = result.Top.MoveToOuterDisposeScope(),
            Bottom = result.Bottom.MoveToOuterDisposeScope(),
        };
    }

    /// <summary>The context that all parts of one inspection share.</summary>
    private sealed class Inspection(
        RunSpec spec,
        InspectionOptions options,
        RunSetup setup,
        Objective objective,
        LossAndGradient whole,
        Action<string> say,
        CancellationToken stop
    )
    {
        private int _products;

        public InspectionResult Go(string[] remarks)
        {
            var started = Stopwatch.GetTimestamp();
            using var graph = objective.Linearize(spec.Objective.CacheBytes);
            using var curvature = InspectedOperator.Create(options.Operator, objective, graph, spec.Objective);
            var bothEnds = curvature.Floor is null;
            say(
                $"eigenpairs of the {OperatorNames.Spoken(options.Operator)}, {options.Pairs} at {(bothEnds ? "each end" : "the top")}"
            );
            var solution = Solve(curvature.Operator, bothEnds);
            var (top, bottom) = Ends(solution, graph.Value.Gradient, bothEnds);
            var trace = Trace(curvature.Operator, solution);
            var (density, noDensity) = Density(curvature, solution);
            var layers = options.Layers ? Layers(curvature.Operator, graph.Value.Gradient) : null;
            var record = new InspectionRecord
            {
                Format = RunFolder.Format,
                Model = ModelCatalog.Get(spec.Model.Name).Describe(spec.Model),
                Data = spec.Data.Name,
                Operator = options.Operator,
                Samples = objective.Samples,
                SamplesAtHand = setup.SamplesAtHand,
                Loss = whole.Loss,
                Accuracy = whole.Accuracy,
                GradientNorm = graph.Value.GradientNorm,
                Parameters = objective.Layout.Dimension,
                Chosen = objective.Layout.Names,
                Top = top,
                Bottom = bottom,
                Floor = curvature.Floor,
                StopReason = StopReasons.NameOf(solution.StopReason),
                Trace = trace,
                Density = density,
                Layers = layers,
                Remarks = [.. remarks, .. noDensity, .. InspectionRemarks.Create(objective, graph, setup)],
                Products = _products,
                Seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3),
            };
            record = record.NoBottom is { } why ? record with { Remarks = [.. record.Remarks, why] } : record;
            var names = objective
                .Layout.Names.Zip(objective.Layout.Offsets)
                .ToDictionary(pair => pair.First, pair => pair.Second);
            var vectors = solution.Vectors;
            return new InspectionResult(
                record,
                vectors.slice(0, 0, top.Length, 1).clone(),
                vectors.slice(0, top.Length, top.Length + bottom.Length, 1).clone(),
                names
            );
        }

        /// <summary>
        /// Solves for both ends, or for the top alone if the other end is a null space, which no solver resolves.
        /// </summary>
        private EigenSolution Solve(ISymmetricOperator curvature, bool bothEnds)
        {
            var n = curvature.Dimension;
            var each = (int)Math.Min(options.Pairs, bothEnds ? Math.Max(1, n / 2) : n);
            var solution = Lanczos.Solve(
                curvature,
                new LanczosOptions
                {
                    Wanted = new Wanted(each, bothEnds ? each : 0),
                    AngleToleranceDegrees = options.AngleToleranceDegrees,
                    MaxProducts = options.MaxProducts,
                    Basis = Math.Max(48, 4 * each),
                    Seed = Seeds.For(spec.Seed, Purpose.SolverStart),
                },
                stop: stop
            );
            _products += solution.Products;
            return solution.Values.Length > 0
                ? solution
                : throw new InspectionException(
                    "The first product is not finite: the loss or its derivatives overflow at this theta. "
                        + "Use --set dtype=float64, or a theta from before the divergence."
                );
        }

        private (EigenpairRecord[] Top, EigenpairRecord[] Bottom) Ends(
            EigenSolution solution,
            Tensor gradient,
            bool bothEnds
        )
        {
            var shape = EigenvectorShape.Measure(solution.Vectors, gradient, objective.Layout);
            var all = solution
                .Values.Select(
                    (value, i) =>
                        new EigenpairRecord(
                            value,
                            solution.Residuals[i],
                            solution.Gaps[i],
                            solution.AngleErrorsDegrees[i],
                            shape.ParticipationRatios[i],
                            shape.LayerShares.ToDictionary(layer => layer.Key, layer => layer.Value[i])
                        )
                )
                .ToArray();
            var first = bothEnds ? (all.Length + 1) / 2 : all.Length;
            return (all[..first], all[first..]);
        }

        private TraceRecord? Trace(ISymmetricOperator curvature, EigenSolution solution)
        {
            if (options.TraceProbes == 0)
                return null;
            say($"trace, {options.TraceProbes} random vectors");
            var trace = TraceEstimate.Deflated(
                curvature,
                solution.Values,
                solution.Vectors,
                options.TraceProbes,
                Seeds.For(spec.Seed, Purpose.TraceProbes)
            );
            _products += trace.Products;
            return new TraceRecord(trace.Value, trace.Error, trace.Products);
        }

        /// <summary>
        /// The density is smoothed by a hundredth of the spectrum's range (chosen: as fine as a page can show). A
        /// spectrum without a range gets a remark instead.
        /// </summary>
        private (DensityRecord? Density, string[] Remark) Density(InspectedOperator inspected, EigenSolution solution)
        {
            var curvature = inspected.Operator;
            if (options.DensityProbes == 0 || curvature.Dimension <= solution.Values.Length)
                return (null, []);
            say($"spectral density, {options.DensityProbes} × {options.DensitySteps} products");
            var density = SpectralDensity.Estimate(
                curvature,
                options.DensityProbes,
                options.DensitySteps,
                Seeds.For(spec.Seed, Purpose.TraceProbes, 1),
                solution.Values,
                solution.Vectors,
                stop
            );
            _products += density.Products;
            var (low, high) = density.Ends;
            var largest = Math.Max(Math.Abs(low), Math.Abs(high));
            var width = (high - low) / 100;
            if (!(width > Narrowest * largest && double.IsNormal(width)))
                return (
                    null,
                    [
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"no spectral density: the eigenvalues are between {NumberText.Format(low, 6)} and "
                                + $"{NumberText.Format(high, 6)}, a range that is too narrow"
                        ),
                    ]
                );
            var places = Enumerable
                .Range(0, Places)
                .Select(i => low - 5 * width + 110 * width * i / (Places - 1))
                .ToArray();
            var curve = density.Smoothed(places, _ => width);
            // a quadrature cannot distinguish a null space from eigenvalues just below 0
            var negative = inspected.Floor is null ? density.AtMost(-Resolution * largest) : new SpectrumShare(0, 0, 0);
            return (
                new DensityRecord(
                    density.Probes.Count,
                    options.DensitySteps,
                    width,
                    places,
                    [.. curve.Select(point => point.Value)],
                    [.. curve.Select(point => point.Error)],
                    negative.Value,
                    negative.Low,
                    negative.High
                ),
                []
            );
        }

        private LayerRecord[] Layers(ILayeredOperator curvature, Tensor gradient)
        {
            say($"sharpness of each of {objective.Layout.Count} parameter tensors");
            var parts = gradient.split([.. objective.Layout.Sizes], 0);
            double[] norms = [.. parts.Select(part => Host.Number(part.norm()))];
            var layers = LayerSharpness.Measure(curvature, Seeds.For(spec.Seed, Purpose.SolverStart, 1), stop);
            _products += layers.Sum(layer => layer.Products);
            return
            [
                .. layers.Select(
                    (layer, i) =>
                        new LayerRecord(
                            layer.Name,
                            objective.Layout.Sizes[i],
                            layer.Sharpness,
                            layer.Residual,
                            norms[i]
                        )
                ),
            ];
        }
    }
}
