using Gyre.Lab.Curvature;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>
/// Compares derivatives with difference quotients in float64, over several chunks, with weight decay.
/// </summary>
internal static class DerivativeChecks
{
    private const long Cached = 1L << 40;
    private const double Step = 1e-5; // the quotient's own error is about Step² and 1e-16/Step: 1e-10

    public static IReadOnlyList<DeviceCheck> All { get; } =
    [
        new("gradient", "against differences of the loss, every parameter", 1e-8, GradientError),
        new(
            "Hessian",
            "products with every unit vector against differences of the gradient",
            1e-7,
            device => HessianError(device, Cached)
        ),
        new("Hessian, recomputed", "the same without keeping a graph", 1e-7, device => HessianError(device, 0)),
        new(
            "BatchNorm",
            "products of a network with batch statistics against differences of its gradient",
            1e-6,
            device => Math.Max(ProductsError(device, "cnn", "batch"), ProductsError(device, "resnet", "batch"))
        ),
        new("third derivative", "gradient of vᵀHv against differences of products", 1e-6, CurvatureGradientError),
        new(
            "Gauss-Newton",
            "against JᵀMJ on the host, J from differences of the outputs",
            1e-7,
            device => OutputsError(device, fisher: false)
        ),
        new(
            "Fisher",
            "against the outer products of per-sample gradients on the host",
            1e-7,
            device => OutputsError(device, fisher: true)
        ),
    ];

    private static double GradientError(Device device)
    {
        using var problem = new CheckProblem(device);
        var gradient = Host.Numbers(problem.Objective.Evaluate().Gradient);
        var quotients = Enumerable
            .Range(0, problem.Dimension)
            .Select(entry => Quotient(step => LossAt(problem, entry, step)));
        return Apart.Relative(gradient, quotients);
    }

    private static double LossAt(CheckProblem problem, int entry, double step)
    {
        using var scope = NewDisposeScope();
        return problem.Objective.EvaluateAt(problem.Unit(entry, step)).Loss;
    }

    private static double HessianError(Device device, long cache)
    {
        using var problem = new CheckProblem(device);
        using var graph = problem.Objective.Linearize(cache);
        var products = problem.Dense(graph.Product);
        return Apart.Relative(products, problem.Dense(unit => Differences(problem, unit)));
    }

    private static double ProductsError(Device device, string network, string norm)
    {
        using var problem = new CheckProblem(device, network, norm, samples: 12, chunk: 5);
        var direction = problem.Direction(1);
        Tensor product;
        using (var graph = problem.Objective.Linearize(Cached))
            product = graph.Product(direction);
        return Apart.Relative(Host.Numbers(product), Host.Numbers(Differences(problem, direction)));
    }

    private static double CurvatureGradientError(Device device)
    {
        using var problem = new CheckProblem(device);
        var (v, along) = (problem.Direction(2), problem.Direction(3));
        double found;
        using (var graph = problem.Objective.Linearize(Cached))
            found = Host.Number(graph.CurvatureGradient(v).dot(along));
        var layout = problem.Objective.Layout;
        var theta = layout.Flatten(problem.Objective.Parameters).detach().clone();
        var quotient = Quotient(step =>
        {
            using (no_grad())
                layout.CopyTo(theta + along * tensor(step, device: CPU), problem.Objective.Parameters);
            using var graph = problem.Objective.Linearize(Cached);
            return Host.Number(v.dot(graph.Product(v)));
        });
        return Math.Abs(found - quotient) / Math.Abs(quotient);
    }

    /// <summary>Returns (∇L(theta + s·d) − ∇L(theta − s·d))/2s.</summary>
    private static Tensor Differences(CheckProblem problem, Tensor direction)
    {
        using var scope = NewDisposeScope();
        Tensor At(double step) => problem.Objective.EvaluateAt(direction * tensor(step, device: CPU)).Gradient;
        return ((At(Step) - At(-Step)) / tensor(2 * Step, device: CPU)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The reference implements softmax and cross-entropy directly: M_i = (diag(p) − ppᵀ)/N for Gauss–Newton, d_i
    /// dᵢᵀ/N with d = p − onehot for Fisher.
    /// </summary>
    private static double OutputsError(Device device, bool fisher)
    {
        using var problem = new CheckProblem(device);
        using OutputOperator found = fisher
            ? new EmpiricalFisherOperator(problem.Objective, Cached)
            : new GaussNewtonOperator(problem.Objective, Cached);
        var dense = problem.Dense(found.Apply);
        var (rows, labels) = (Rows(problem), Host.Numbers(problem.Labels));
        var (n, classes) = (problem.Dimension, rows.Values.GetLength(1));
        var truth = new double[n, n];
        for (var sample = 0; sample < labels.Length; sample++)
            Add(truth, rows, sample, fisher ? (int)labels[sample] : null, classes, labels.Length);
        for (var i = 0; i < n && !fisher; i++)
            truth[i, i] += 0.01; // weight decay, which the empirical Fisher matrix does not include
        return Apart.Relative(dense, truth);
    }

    private static void Add(
        double[,] truth,
        (double[,] Values, double[][,] Slopes) rows,
        int sample,
        int? label,
        int classes,
        int samples
    )
    {
        var exponentials = Enumerable.Range(0, classes).Select(c => Math.Exp(rows.Values[sample, c])).ToArray();
        var p = exponentials.Select(value => value / exponentials.Sum()).ToArray();
        var n = truth.GetLength(0);
        for (var a = 0; a < classes; a++)
        {
            for (var b = 0; b < classes; b++)
            {
                var covariance = (a == b ? p[a] : 0) - p[a] * p[b];
                var metric = label is { } c ? OneHotError(p, a, c) * OneHotError(p, b, c) : covariance;
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j < n; j++)
                        truth[i, j] += rows.Slopes[i][sample, a] * metric * rows.Slopes[j][sample, b] / samples;
                }
            }
        }
    }

    /// <summary>Returns a probability minus its target: 1 for the label's class, 0 for every other.</summary>
    private static double OneHotError(double[] probabilities, int at, int label) =>
        probabilities[at] - (at == label ? 1 : 0);

    /// <summary>
    /// Returns the outputs <c>[N, C]</c>, and their derivatives with respect to every parameter, from differences.
    /// </summary>
    private static (double[,] Values, double[][,] Slopes) Rows(CheckProblem problem)
    {
        var slopes = new double[problem.Dimension][,];
        for (var i = 0; i < slopes.Length; i++)
        {
            var (above, below) = (Outputs(problem, problem.Unit(i, Step)), Outputs(problem, problem.Unit(i, -Step)));
            var slope = new double[above.GetLength(0), above.GetLength(1)];
            for (var row = 0; row < slope.GetLength(0); row++)
            {
                for (var column = 0; column < slope.GetLength(1); column++)
                    slope[row, column] = (above[row, column] - below[row, column]) / (2 * Step);
            }
            slopes[i] = slope;
        }
        return (Outputs(problem, problem.Unit(0, 0)), slopes);
    }

    private static double[,] Outputs(CheckProblem problem, Tensor displacement)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var layout = problem.Objective.Layout;
        var theta = layout.Flatten(problem.Objective.Parameters).clone();
        layout.CopyTo(theta + displacement, problem.Objective.Parameters);
        var outputs = problem.Model.call(problem.Inputs);
        var (flat, shape) = (Host.Numbers(outputs), outputs.shape);
        layout.CopyTo(theta, problem.Objective.Parameters);
        var rows = new double[shape[0], shape[1]];
        Buffer.BlockCopy(flat, 0, rows, 0, flat.Length * sizeof(double));
        return rows;
    }

    private static double Quotient(Func<double, double> at) => (at(Step) - at(-Step)) / (2 * Step);
}
