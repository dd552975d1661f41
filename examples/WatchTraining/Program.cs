using Gyre.Lab.Monitoring;
// A training loop as you would write it with TorchSharp: your module, your optimizer, your data. The lines marked
// (Gyre) measure its curvature.
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

var folder = args.Length > 0 ? args[0] : "runs/watched";
Gyre.Torch.LibTorch.Load(); // (Gyre) finds and loads libtorch, tunes memory
random.manual_seed(1);

const double rate = 0.5;
var inputs = randn(400, 2);
var targets = inputs.pow(2).sum(1).gt(1.4).to(ScalarType.Int64); // inside or outside a circle
var model = Sequential(
    ("hidden", Linear(2, 32)),
    ("act", Tanh()),
    ("second", Linear(32, 32)),
    ("act2", Tanh()),
    ("out", Linear(32, 2))
);
var loss = CrossEntropyLoss();
var optimizer = optim.SGD(model.parameters(), rate);

// (Gyre)
using var monitor = new CurvatureMonitor(model, loss.call, inputs, targets, new() { Every = 20, RunFolder = folder });
monitor.ThresholdCrossed += one =>
    // (Gyre)
    Console.WriteLine($"step {one.Step}: sharpness {one.Sharpness:0.00} reaches 2/eta = {one.Threshold:0.00}");
monitor.InstabilityResolved += one =>
    Console.WriteLine($"step {one.Step}: instability {one.Cycle} is over, sharpness {one.Sharpness:0.00}"); // (Gyre)

for (var step = 0; step < 1500; step++)
{
    using var scope = NewDisposeScope();
    var measured = monitor.Observe(step, rate); // (Gyre)
    if (measured is { Burst: 2 } && step % 300 < 20)
        Console.WriteLine(
            $"step {step}: sharpness {measured.Sharpness:0.00}, v1 within "
                + $"{measured.AngleErrorsDegrees[0]:0.00} degrees, flip {measured.Flip?.Rotation:0.000}, "
                + $"drift per bounce {measured.DriftPerBounce?.Rotation:0.000}"
        );
    optimizer.zero_grad();
    loss.call(model.call(inputs), targets).backward();
    optimizer.step();
}
Console.WriteLine($"{monitor.Records.Count} measurements in {folder}: gyre report {folder}");
