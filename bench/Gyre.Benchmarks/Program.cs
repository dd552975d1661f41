using Gyre.Benchmarks;

// All figures are measured in one run, side by side, and printed as ratios, because machines differ and the speed of a
// shared machine drifts. Run it with nothing else on the machine:
// dotnet run -c Release --project bench/Gyre.Benchmarks [-- results.md]
// Costs that grow with parameters and samples (docs/scale.md): … -- scale [scale.md]
// The live page, which needs no engine in this process: … -- page [page.md]
var report = new Report();
if (args is ["page", ..])
{
    await PageCost.MeasureAsync(report);
    report.Finish(args.Length > 1 ? args[1] : null, "page ");
    return;
}

// Coverage of the error bars along trainings, checked with solves in float64: … -- coverage [coverage.md [seeds]]
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

// Processes compared with threads, in separate processes: … -- jobs [jobs.md [pairs]]
if (args is ["jobs", ..])
{
    JobsCost.Measure(
        report,
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 5
    );
    report.Finish(args.Length > 1 ? args[1] : null, "jobs ");
    return;
}

// One run shared by two ranks, with each MPI library that is installed: … -- ranks [ranks.md [pairs]]
if (args is ["ranks", ..])
{
    RanksCost.Measure(
        report,
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 5
    );
    report.Finish(args.Length > 1 ? args[1] : null, "ranks ");
    return;
}

// Networks as exported programs, compared with the same networks as TorchScript: … -- exported [exported.md]
if (args is ["exported", ..])
{
    ExportedCost.Measure(report);
    report.Finish(args.Length > 1 ? args[1] : null, "exported ");
    return;
}
StartUp.Measure(report); // first, since it measures from the start of this process
Report.Threads(1);
ProductCost.Measure(report);
LoopOverhead.Measure(report);
ConvolutionCost.Measure(report);
MatrixPeak.Measure(report);
SolverCost.Measure(report);
TheoryMap.Measure(report);
Memory.Measure(report);
report.Finish(args.Length > 0 ? args[0] : null);
