using System.Globalization;
using System.Text;
using Gyre.Lab.Theory;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// Draws the surface L = ½(xy − 1)² and the objects on it as paths in the units of a <see cref="SurfaceFrame"/>.
/// Pure.
/// </summary>
internal static class SurfaceDrawing
{
    private const int Pieces = 10; // per branch of a hyperbola: cubic curves that deviate by less than a thousandth
    private const int FlowPoints = 96;
    private const int Pairs = 7;
    private const double Faraway = 1e3;
    private const double Still = 0.02; // in units of the frame; shorter steps are not visible
    private const double LineLength = 0.13; // of v1, as a share of the frame's side
    private const double Bouncing = 1e-6; // the loss of an active bounce is above this

    /// <summary>The losses of the level lines.</summary>
    public static IReadOnlyList<double> Levels { get; } = [0.02, 0.1, 0.4, 1.2, 3, 8, 25, 70];

    /// <summary>Returns the region below each level, the largest first.</summary>
    public static IEnumerable<string> Bands(SurfaceFrame frame) => Levels.Reverse().Select(level => Band(frame, level));

    /// <summary>Returns all minima, xy = 1.</summary>
    public static string Minima(SurfaceFrame frame) =>
        new Pen(frame).Branch(1, 1, Widest(frame), first: true).Branch(1, -1, Widest(frame), first: true).Text;

    /// <summary>Returns the stable minima, x² + y² ≤ 2/eta; empty from eta = 1 on.</summary>
    public static string StableMinima(SurfaceFrame frame, double eta)
    {
        if (!(eta < TwoParameterModel.OrbitAppears))
            return "";
        // With x = e^t on xy = 1, x² + y² = 2 cosh 2t.
        var end = Math.Min(Math.Exp(Math.Acosh(1 / eta) / 2), Widest(frame));
        return new Pen(frame).Branch(1, 1, end, first: true).Branch(1, -1, end, first: true).Text;
    }

    /// <summary>Returns the path of the steps, up to the first with |x| + |y| ≥ 1000.</summary>
    public static string Descent(SurfaceFrame frame, TheoryStudy study) =>
        Path(frame, Seen(frame, study), (pen, place, first) => pen.To(place, first));

    /// <summary>
    /// Returns a mark at every visible step: strokes without length, which round caps turn into dots.
    /// </summary>
    public static string Dots(SurfaceFrame frame, TheoryStudy study) =>
        Path(frame, Seen(frame, study), (pen, place, _) => pen.Dot(place));

    /// <summary>
    /// Returns gradient flow from the start to its end. It conserves x² − y², so its path is also a hyperbola.
    /// </summary>
    public static string Flow(SurfaceFrame frame, TheoryStudy study) =>
        Path(frame, FlowOf(study), (pen, place, first) => pen.To(place, first));

    /// <summary>Returns v1 at a place, as a short line through it; empty if |x| + |y| ≥ 1000.</summary>
    public static string Leading(SurfaceFrame frame, double x, double y) =>
        !(Math.Abs(x) + Math.Abs(y) < Faraway)
            ? ""
            : new Pen(frame).Stroke(x, y, TwoParameterModel.LeadingAngle(x, y), LineLength * frame.Side).Text;

    /// <summary>
    /// Returns v1 at a few pairs of neighboring steps while the loss is above a millionth, so that both flips and the
    /// lasting rotation are visible.
    /// </summary>
    public static string Others(SurfaceFrame frame, TheoryStudy study)
    {
        var pen = new Pen(frame);
        foreach (var step in OtherSteps(study))
            pen.Stroke(
                study.Points[step].Theta[0],
                study.Points[step].Theta[1],
                TwoParameterModel.LeadingAngle(study.Points[step].Theta[0], study.Points[step].Theta[1]),
                LineLength * frame.Side * 0.7
            );
        return pen.Text;
    }

    /// <summary>Returns the steps of <see cref="Others"/>.</summary>
    internal static IReadOnlyList<int> OtherSteps(TheoryStudy study)
    {
        var points = study
            .Points.TakeWhile(point => Math.Abs(point.Theta[0]) + Math.Abs(point.Theta[1]) < Faraway)
            .ToArray();
        var active = Math.Max(1, Array.FindLastIndex(points, point => point.Loss > Bouncing));
        return
        [
            .. Enumerable
                .Range(0, Pairs)
                .SelectMany(i => new[] { i * active / Pairs, i * active / Pairs + 1 })
                .Append(active)
                .Where(step => step < points.Length)
                .Distinct(),
        ];
    }

    /// <summary>Returns places on the path of gradient flow.</summary>
    internal static IEnumerable<(double X, double Y)> FlowOf(TheoryStudy study)
    {
        var ((x, y), end) = ((study.State.X, study.State.Y), study.Flow.Theta);
        var imbalance = x * x - y * y;
        if (imbalance == 0)
            return [(x, y), (end[0], end[1])];
        // The factor that keeps its sign is ±√|q| cosh u, and the other one is √|q| sinh u.
        var (root, swapped) = (Math.Sqrt(Math.Abs(imbalance)), imbalance < 0);
        var (sign, from, to) = (
            Math.Sign(swapped ? y : x),
            Math.Asinh((swapped ? x : y) / root),
            Math.Asinh((swapped ? end[0] : end[1]) / root)
        );
        return Enumerable
            .Range(0, FlowPoints + 1)
            .Select(i => from + (to - from) * i / FlowPoints)
            .Select(u => (Kept: sign * root * Math.Cosh(u), Other: root * Math.Sinh(u)))
            .Select(place => swapped ? (place.Other, place.Kept) : (place.Kept, place.Other));
    }

    private static string Path(
        SurfaceFrame frame,
        IEnumerable<(double X, double Y)> places,
        Action<Pen, (double, double), bool> draw
    )
    {
        var (pen, first) = (new Pen(frame), true);
        foreach (var (x, y) in places)
        {
            draw(pen, frame.Place(x, y), first);
            first = false;
        }
        return pen.Text;
    }

    private static IEnumerable<(double X, double Y)> Seen(SurfaceFrame frame, TheoryStudy study)
    {
        var last = (Across: double.NaN, Down: double.NaN);
        foreach (var theta in study.Points.Select(point => point.Theta))
        {
            if (!(Math.Abs(theta[0]) + Math.Abs(theta[1]) < Faraway))
                yield break;
            var place = frame.Place(theta[0], theta[1]);
            if (Math.Abs(place.Across - last.Across) + Math.Abs(place.Down - last.Down) < Still)
                continue;
            last = place;
            yield return (theta[0], theta[1]);
        }
    }

    /// <summary>
    /// Returns the region 1 − √(2L) ≤ xy ≤ 1 + √(2L): two strips if the lower end is above 0, otherwise a star with
    /// four arms.
    /// </summary>
    private static string Band(SurfaceFrame frame, double level)
    {
        var (low, high, wide) = (1 - Math.Sqrt(2 * level), 1 + Math.Sqrt(2 * level), Widest(frame));
        var pen = new Pen(frame);
        if (low > 0)
        {
            foreach (var side in new[] { 1, -1 })
                pen.Branch(high, side, wide, first: true).Branch(low, side, wide, first: false, back: true).Close();
            return pen.Text;
        }
        // The outline of the star has one branch per quadrant.
        return pen.Branch(high, 1, wide, first: true, back: true)
            .Branch(low, 1, wide, first: false)
            .Branch(high, -1, wide, first: false, back: true)
            .Branch(low, -1, wide, first: false)
            .Close()
            .Text;
    }

    private static double Widest(SurfaceFrame frame) =>
        1.05 * new[] { frame.Left, frame.Left + frame.Side, frame.Bottom, frame.Bottom + frame.Side }.Max(Math.Abs);

    /// <summary>Writes the commands of an SVG path.</summary>
    private sealed class Pen(SurfaceFrame frame)
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public Pen To((double Across, double Down) place, bool first) => Write(first ? 'M' : 'L', place);

        public Pen Dot((double Across, double Down) place)
        {
            Write('M', place);
            _text.Append("h0");
            return this;
        }

        public Pen Close()
        {
            _text.Append('Z');
            return this;
        }

        /// <summary>
        /// Adds a line of a given length through a place. As for v1, the angle is measured from the y axis: the
        /// direction is (sin, cos) in the coordinates (x, y).
        /// </summary>
        public Pen Stroke(double x, double y, double angle, double length)
        {
            var (dx, dy) = (Math.Sin(angle) * length / 2, Math.Cos(angle) * length / 2);
            return To(frame.Place(x - dx, y - dy), true).To(frame.Place(x + dx, y + dy), false);
        }

        /// <summary>
        /// Adds the branch of xy = c with x of a given sign, from |x| = wide to |y| = wide, or backward.
        /// </summary>
        public Pen Branch(double product, int side, double wide, bool first, bool back = false)
        {
            // x = side·√|c|·e^t, y = c/x: each piece is the cubic curve with the same ends and slopes.
            var reach = Math.Log(wide / Math.Sqrt(Math.Abs(product)));
            if (!(reach > 0)) // it lies beyond the corner
                return To(frame.Place(side * wide, Math.Sign(product) * side * wide), first);
            var (from, step) = back ? (-reach, 2 * reach / Pieces) : (reach, -2 * reach / Pieces);
            To(At(product, side, from), first);
            for (var i = 0; i < Pieces; i++)
                Curve(product, side, from + i * step, step);
            return this;
        }

        private void Curve(double product, int side, double t, double step)
        {
            _text.Append('C');
            Pair(Ahead(product, side, t, step / 3));
            _text.Append(' ');
            Pair(Ahead(product, side, t + step, -step / 3));
            _text.Append(' ');
            Pair(At(product, side, t + step));
        }

        private (double, double) At(double product, int side, double t) => Ahead(product, side, t, 0);

        /// <summary>Returns the control point from the place at t along the tangent: dx/dt = x, dy/dt = −y.</summary>
        private (double, double) Ahead(double product, int side, double t, double by)
        {
            var x = side * Math.Sqrt(Math.Abs(product)) * Math.Exp(t);
            return frame.Place(x * (1 + by), product / x * (1 - by));
        }

        private Pen Write(char word, (double, double) place)
        {
            _text.Append(word);
            Pair(place);
            return this;
        }

        private void Pair((double Across, double Down) place) =>
            _text.Append(CultureInfo.InvariantCulture, $"{place.Across:0.##} {place.Down:0.##}");
    }
}
