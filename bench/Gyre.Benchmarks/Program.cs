using Gyre.Benchmarks;

// Everything is measured in one run, side by side, and printed as ratios: machines differ, and a shared one drifts.
// Run it alone on the machine: dotnet run -c Release --project bench/Gyre.Benchmarks [-- results.md]
// What grows with parameters and samples (docs/scale.md): … -- scale [scale.md]
// The live page's figures, which need no engine in this process, by a word of their own: … -- page [page.md]
var report = new Report();
if (args is ["page", ..])
{
    await PageCost.MeasureAsync(report);
    report.Finish(args.Length > 1 ? args[1] : null, "page ");
    return;
}

// Whether error bars hold the truth along trainings, against solves in float64: … -- coverage [coverage.md [seeds]]
if (args is ["coverage", ..])
{
    CoverageOfBars.Measure(
        report,
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 1
    );
    report.Finish(args.Length > 1 ? args[1] : null, "coverage ");
    return;
}
if (args is ["scale", ..])
{
    ScaleCost.Measure(report);
    report.Finish(args.Length > 1 ? args[1] : null, "scale ");
    return;
}

// Processes against threads, by processes of their own: … -- jobs [jobs.md [pairs]]
if (args is ["jobs", ..])
{
    JobsCost.Measure(
        report,
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 5
    );
    report.Finish(args.Length > 1 ? args[1] : null, "jobs ");
    return;
}

// One run shared by two ranks, over each MPI library that is installed: … -- ranks [ranks.md [pairs]]
if (args is ["ranks", ..])
{
    RanksCost.Measure(
        report,
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 5
    );
    report.Finish(args.Length > 1 ? args[1] : null, "ranks ");
    return;
}

// Networks as exported programs against the same as TorchScript: … -- exported [exported.md]
if (args is ["exported", ..])
{
    ExportedCost.Measure(report);
    report.Finish(args.Length > 1 ? args[1] : null, "exported ");
    return;
}
StartUp.Measure(report); // first: it counts from the start of this process
Report.Threads(1);
ProductCost.Measure(report);
LoopOverhead.Measure(report);
ConvolutionCost.Measure(report);
MatrixPeak.Measure(report);
SolverCost.Measure(report);
TheoryMap.Measure(report);
Memory.Measure(report);
report.Finish(args.Length > 0 ? args[0] : null);
