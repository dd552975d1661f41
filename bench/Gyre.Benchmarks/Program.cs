using Gyre.Benchmarks;

// Everything is measured in one run, side by side, and printed as ratios: machines differ, and a shared one drifts.
// Run it alone on the machine: dotnet run -c Release --project bench/Gyre.Benchmarks [-- results.md]
var report = new Report();
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
