using Gyre.Lab.Theory;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The state of the page of the two-parameter network. It is stored in the page's address and limited to the allowed
/// ranges.
/// </summary>
/// <param name="X">x of the start.</param>
/// <param name="Y">y of the start.</param>
/// <param name="Eta">Learning rate.</param>
/// <param name="Step">The chosen step, at most <paramref name="Steps"/>.</param>
/// <param name="Steps">The number of steps of gradient descent.</param>
/// <param name="View">The part of the plane: <see cref="Quadrant"/>, <see cref="Plane"/> or
/// <see cref="Path"/>.</param>
internal sealed record TheoryState(double X, double Y, double Eta, int Step, int Steps, string View)
{
    /// <summary>Starts are in the square from minus this to this.</summary>
    public const double Reach = 4;

    /// <summary>The smallest learning rate. Below it, the default number of steps hardly moves a start.</summary>
    public const double SmallestEta = 0.001;

    /// <summary>The largest learning rate: twice that from which almost every start diverges.</summary>
    public const double LargestEta = 2 * TwoParameterModel.EverythingDiverges;

    /// <summary>
    /// The maximum number of steps, which take about 15 milliseconds: the page recomputes them during a drag.
    /// </summary>
    public const int MostSteps = 2000;

    /// <summary>The quadrant of the minima reached from starts with x, y &gt; 0.</summary>
    public const string Quadrant = "quadrant";

    /// <summary>All places to which a start can be dragged.</summary>
    public const string Plane = "plane";

    /// <summary>The surroundings of the path.</summary>
    public const string Path = "path";

    /// <summary>A start at output 0.9, unbalanced, slightly beyond the edge.</summary>
    public static TheoryState Default { get; } = new(3, 0.3, 0.25, 12, 100, Quadrant);

    /// <summary>Starts that show the possible outcomes.</summary>
    public static IReadOnlyList<(string Name, string Hint, TheoryState State)> Presets { get; } =
    [
        (
            "stable",
            "below the edge: it reaches nearly the same minimum as gradient flow",
            Default with
            {
                Eta = 0.15,
                Step = 4,
                View = Path,
            }
        ),
        (
            "one instability",
            "just above the edge: the bounce grows slowly, turns v1, and decays at a flatter minimum",
            Default with
            {
                Eta = 0.225,
                Step = 28,
                Steps = 200,
                View = Path,
            }
        ),
        (
            "catapult",
            "far above the edge: a few large bounces across the valley, and a much flatter minimum",
            Default with
            {
                Eta = 0.35,
                Step = 6,
                View = Plane,
            }
        ),
        (
            "edge, period 2",
            "no minimum is stable: it converges to an orbit of period 2 across the flattest one",
            new TheoryState(1.2, 0.7, 1.1, 60, 100, Quadrant)
        ),
        (
            "chaos",
            "the period has doubled many times: the iterates stay bounded but never settle",
            new TheoryState(1.2, 0.7, 1.6, 60, 100, Plane)
        ),
        ("diverging", "the first steps lead out of the basin", new TheoryState(3, 1.5, 0.6, 2, 100, Plane)),
    ];

    /// <summary>
    /// Returns the state that an address requests, and one sentence for each value that is replaced because it is not
    /// allowed.
    /// </summary>
    public static (TheoryState State, IReadOnlyList<string> Flaws) Parse(ViewAddress address)
    {
        var flaws = new List<string>();
        var x = Number(address, "x", Default.X, -Reach, Reach, flaws);
        var y = Number(address, "y", Default.Y, -Reach, Reach, flaws);
        var eta = Number(address, "eta", Default.Eta, SmallestEta, LargestEta, flaws);
        var steps = Whole(address, "steps", Default.Steps, 1, MostSteps, flaws);
        var step = Whole(address, "step", Math.Min(Default.Step, steps), 0, steps, flaws);
        var view = address["view"] ?? Quadrant;
        if (view is not (Quadrant or Plane or Path))
        {
            flaws.Add($"There is no view “{view}”, only {Quadrant}, {Plane} and {Path}; the {Quadrant} is shown.");
            view = Quadrant;
        }
        return (new TheoryState(x, y, eta, step, steps, view), flaws);
    }

    /// <summary>Returns the address with this state; other parameters stay the same.</summary>
    public ViewAddress AddTo(ViewAddress address) =>
        address
            .With("x", X)
            .With("y", Y)
            .With("eta", Eta)
            .With("step", (double)Step)
            .With("steps", (double)Steps)
            .With("view", View == Quadrant ? null : View);

    /// <summary>Returns the state with another start, clamped to the allowed square.</summary>
    public TheoryState From(double x, double y) =>
        this with
        {
            X = Math.Round(Math.Clamp(x, -Reach, Reach), 3),
            Y = Math.Round(Math.Clamp(y, -Reach, Reach), 3),
        };

    /// <summary>Returns the state with another learning rate, clamped to the allowed range.</summary>
    public TheoryState At(double eta) => this with { Eta = Math.Clamp(double.Round(eta, 5), SmallestEta, LargestEta) };

    private static int Whole(ViewAddress address, string name, int usual, int least, int most, List<string> flaws)
    {
        var number = Number(address, name, usual, least, most, flaws);
        if (number != Math.Floor(number))
            flaws.Add(
                FormattableString.Invariant($"{name} = {number} is not an integer; {Math.Floor(number)} is used.")
            );
        return (int)Math.Floor(number);
    }

    private static double Number(
        ViewAddress address,
        string name,
        double usual,
        double least,
        double most,
        List<string> flaws
    )
    {
        if (address[name] is not { } text)
            return usual;
        if (address.Number(name) is not { } number)
        {
            flaws.Add(FormattableString.Invariant($"{name} = “{text}” is not a number; {usual} is used."));
            return usual;
        }
        var near = Math.Clamp(number, least, most);
        if (near != number)
            flaws.Add(FormattableString.Invariant($"{name} = {number} is outside {least} to {most}; {near} is used."));
        return near;
    }
}
