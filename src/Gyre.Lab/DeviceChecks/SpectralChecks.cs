using Gyre.Lab.Curvature;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>Compares eigenpairs with prescribed spectra and with a dense solver on the host.</summary>
internal static class SpectralChecks
{
    private const int Size = 300;
    private const int Pairs = 4;

    public static IReadOnlyList<DeviceCheck> All { get; } =
    [
        new(
            "prescribed spectrum",
            "eigenvalues of a matrix made from them, both ends, relative",
            1e-9,
            device => Prescribed(device, Values)
        ),
        new(
            "residuals",
            "reported ‖Hv − λv‖ against a new computation, relative to the largest eigenvalue",
            1e-12,
            device => Prescribed(device, Residuals)
        ),
        new(
            "angle error bars",
            "true angle divided by its error bar; at most 1 if the bar holds",
            1,
            device => Prescribed(device, Angles)
        ),
        new(
            "orthogonality",
            "the Krylov basis: max |QQᵀ − 1|",
            1e-10,
            device => Prescribed(device, (solution, _, _) => solution.OrthogonalityLoss)
        ),
        new(
            "leading eigenvalues",
            "of a network's Hessian against a dense solver on the host, relative",
            1e-8,
            NetworkError
        ),
        new("preconditioned", "the same for P^-1/2 H P^-1/2", 1e-8, PreconditionedError),
        new("trace", "Hutch++ of a matrix of low rank, which it gives exactly", 1e-9, TraceError),
        new(
            "density",
            "second moment of the spectral density against the sum of squares, in its own standard errors",
            5,
            DensityError
        ),
    ];

    /// <summary>Well-separated leading eigenvalues, a bulk, and one negative eigenvalue.</summary>
    private static double[] Spectrum() =>
        [120, 90, 60, 45, .. Enumerable.Range(0, Size - 5).Select(i => 20 * Math.Sin(i) * Math.Sin(i)), -30];

    private static double Prescribed(Device device, Func<EigenSolution, Tensor, Tensor, double> measure)
    {
        var basis = Orthogonal();
        var matrix = Matrix(basis).to(device);
        var options = new LanczosOptions
        {
            Wanted = new Wanted(Pairs, 1),
            AngleToleranceDegrees = 1e-3,
            MaxProducts = 400,
            Seed = 5,
        };
        var solution = Lanczos.Solve(new DenseOperator(matrix), options);
        return solution.Converged ? measure(solution, matrix, basis) : double.NaN;
    }

    private static double Values(EigenSolution solution, Tensor matrix, Tensor basis) =>
        Apart.Relative(solution.Values, [120, 90, 60, 45, -30]);

    private static double Residuals(EigenSolution solution, Tensor matrix, Tensor basis)
    {
        var values = tensor(solution.Values, device: CPU).to(matrix.device).unsqueeze(1);
        var anew = Host.Numbers((solution.Vectors.mm(matrix) - solution.Vectors * values).norm(1));
        return anew.Zip(solution.Residuals, (one, other) => Math.Abs(one - other)).Max() / 120;
    }

    private static double Angles(EigenSolution solution, Tensor matrix, Tensor basis)
    {
        int[] columns = [0, 1, 2, 3, Size - 1];
        var worst = 0.0;
        for (var pair = 0; pair < columns.Length; pair++)
        {
            var (found, truth) = (solution.Vectors[pair].cpu(), basis.select(1, columns[pair]));
            var across = Host.Number((found - truth * truth.dot(found)).norm());
            var bar = solution.AngleErrorsDegrees[pair] is { } degrees ? Math.Sin(degrees * Math.PI / 180) : 0;
            // a vector that is right to the last digit cannot be measured more accurately
            worst = Math.Max(worst, Math.Max(0, across - 1e-13) / bar);
        }
        return worst;
    }

    private static double NetworkError(Device device)
    {
        using var problem = new CheckProblem(device);
        using var graph = problem.Objective.Linearize(1L << 40);
        return Leading(problem, new HessianOperator(graph));
    }

    private static double PreconditionedError(Device device)
    {
        using var problem = new CheckProblem(device);
        using var graph = problem.Objective.Linearize(1L << 40);
        var scale = (problem.Direction(4).abs() + tensor(0.1, device: CPU)).rsqrt();
        return Leading(problem, new CongruentOperator(new HessianOperator(graph), scale));
    }

    private static double Leading(CheckProblem problem, ISymmetricOperator @operator)
    {
        var dense = problem.Dense(@operator.Apply);
        var truth = Host.CopyFromHost(linalg.eigh(tensor(dense, device: CPU)).Item1).Reverse().Take(Pairs);
        var solution = Lanczos.Solve(
            @operator,
            new LanczosOptions
            {
                Wanted = Wanted.Largest(Pairs),
                AngleToleranceDegrees = 1e-3,
                MaxProducts = 300,
                Seed = 6,
            }
        );
        return solution.Converged ? Apart.Relative(solution.Values, truth) : double.NaN;
    }

    private static double TraceError(Device device)
    {
        var rows = Orthogonal().slice(1, 0, 5, 1);
        double[] values = [7, 5, 3, 2, 1];
        var matrix = (rows * tensor(values, device: CPU)).mm(rows.t()).to(device);
        return Math.Abs(TraceEstimate.HutchPlusPlus(new DenseOperator(matrix), 60, 8).Value - values.Sum())
            / values.Sum();
    }

    private static double DensityError(Device device)
    {
        var spectrum = Spectrum();
        var density = SpectralDensity.Estimate(new DenseOperator(Matrix(Orthogonal()).to(device)), 8, 20, 9);
        var (value, error) = density.Moment(2);
        var truth = spectrum.Sum(one => one * one) / Size;
        return Math.Abs(value - truth) / error;
    }

    private static Tensor Matrix(Tensor basis)
    {
        var matrix = (basis * tensor(Spectrum(), device: CPU)).mm(basis.t());
        return (matrix + matrix.t()) * tensor(0.5, device: CPU);
    }

    private static Tensor Orthogonal()
    {
        using var generator = new Generator(7, CPU);
        return linalg.qr(randn([Size, Size], ScalarType.Float64, CPU, generator: generator)).Q;
    }
}
