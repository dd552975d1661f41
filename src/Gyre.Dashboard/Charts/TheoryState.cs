using Gyre.Lab.Theory;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// What the page of the two-parameter network shows: everything in its address, within what can be shown.
/// </summary>
/// <param name="X">x of the start.</param>
/// <param name="Y">y of the start.</param>
/// <param name="Eta">Step size.</param>
/// <param name="Step">The step that is looked at, at most <paramref name="Steps"/>.</param>
/// <param name="Steps">Steps of gradient descent.</param>
/// <param name="View">The part of the plane: <see cref="Quadrant"/>, <see cref="Plane"/> or <see cref="Path"/>.</param>
internal sealed record TheoryState(double X, double Y, double Eta, int Step, int Steps, string View)
{
    /// <summary>Starts lie in the square from minus this to this.</summary>
    public const double Reach = 4;

    /// <summary>The smallest step size: below, nothing moves within the steps there are.</summary>
    public const double SmallestEta = 0.001;

    /// <summary>The largest: twice the rate from which on almost every start diverges.</summary>
    public const double LargestEta = 2 * TwoParameterModel.EverythingDiverges;

    /// <summary>Most steps: the page follows a hand, and these take a few milliseconds.</summary>
    public const int MostSteps = 2000;

    /// <summary>The quadrant of the minima that starts with x, y &gt; 0 come to.</summary>
    public const string Quadrant = "quadrant";

    /// <summary>Everything that a start can be dragged to.</summary>
    public const string Plane = "plane";

    /// <summary>Closely around the path.</summary>
    public const string Path = "path";

    /// <summary>A start a tenth before its minimum, unbalanced, a little beyond the edge.</summary>
    public static TheoryState Default { get; } = new(3, 0.3, 0.25, 12, 100, Quadrant);

    /// <summary>Starts that show what can become of one.</summary>
    public static IReadOnlyList<(string Name, string Hint, TheoryState State)> Presets { get; } =
    [
        (
            "stable",
            "below the edge: it comes to the minimum that gradient flow comes to, nearly",
            Default with
            {
                Eta = 0.15,
                Step = 4,
                View = Path,
            }
        ),
        (
            "one instability",
            "just above the edge: the bounce grows slowly, turns v1, and dies out at a flatter minimum",
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
            "no minimum is stable: it comes to an orbit of period 2 across the flattest one",
            new TheoryState(1.2, 0.7, 1.1, 60, 100, Quadrant)
        ),
        (
            "chaos",
            "the period has doubled again and again: bounded, never settled",
            new TheoryState(1.2, 0.7, 1.6, 60, 100, Plane)
        ),
        ("diverging", "the first steps lead out of the basin", new TheoryState(3, 1.5, 0.6, 2, 100, Plane)),
    ];

    /// <summary>
    /// What an address asks for, and a sentence for each part of it that cannot be shown and what is shown instead.
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
            flaws.Add($"There is no view “{view}”; the {Quadrant} is shown.");
            view = Quadrant;
        }
        return (new TheoryState(x, y, eta, step, steps, view), flaws);
    }

    /// <summary>An address that shows it; what else the address says stays.</summary>
    public ViewAddress AddTo(ViewAddress address) =>
        address
            .With("x", X)
            .With("y", Y)
            .With("eta", Eta)
            .With("step", (double)Step)
            .With("steps", (double)Steps)
            .With("view", View == Quadrant ? null : View);

    /// <summary>The same with another start, at the nearest place that can be shown.</summary>
    public TheoryState From(double x, double y) =>
        this with
        {
            X = Math.Round(Math.Clamp(x, -Reach, Reach), 3),
            Y = Math.Round(Math.Clamp(y, -Reach, Reach), 3),
        };

    /// <summary>The same with another step size, at the nearest that can be shown.</summary>
    public TheoryState At(double eta) => this with { Eta = Math.Clamp(double.Round(eta, 5), SmallestEta, LargestEta) };

    private static int Whole(ViewAddress address, string name, int usual, int least, int most, List<string> flaws)
    {
        var number = Number(address, name, usual, least, most, flaws);
        if (number != Math.Floor(number))
            flaws.Add(FormattableString.Invariant($"{name} = {number} is not whole; {Math.Floor(number)} is taken."));
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
            flaws.Add(FormattableString.Invariant($"{name} = “{text}” is not a number; {usual} is taken."));
            return usual;
        }
        var near = Math.Clamp(number, least, most);
        if (near != number)
            flaws.Add(
                FormattableString.Invariant($"{name} = {number} lies outside {least} to {most}; {near} is taken.")
            );
        return near;
    }
}
