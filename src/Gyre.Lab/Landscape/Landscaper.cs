using Gyre.Lab.Measuring;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Landscape;

/// <summary>
/// Draws the loss of a run on lines and planes through one of its thetas, with the iterates around it.
/// </summary>
internal static class Landscaper
{
    /// <summary>Returns the step to draw: the requested one, or the one with the largest sharpness.</summary>
    /// <exception cref="LandscapeException">The run has no such step.</exception>
    public static long StepOf(RunReader run, LandscapeOptions options)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        return LandscapeStep.Choose(run, options.Step).Step;
    }

    /// <summary>
    /// Draws a landscape: finds theta by repeating the training, then its directions, then the losses on the grid,
    /// which are written to the folder one by one. If a call was stopped, the same call continues from there and ends
    /// with the same bytes.
    /// </summary>
    /// <param name="run">A run, finished or not; nothing is written to it.</param>
    /// <param name="options">The theta and the resolution.</param>
    /// <param name="folder">The folder for losses and record.</param>
    /// <param name="say">Receives progress messages.</param>
    /// <param name="progress">Receives the numbers of losses done and of all losses, after each one.</param>
    /// <param name="stop">Ends the drawing at the next loss.</param>
    /// <returns>The record, also written as landscape.json.</returns>
    /// <exception cref="LandscapeException">The run has no such step, the loss there is not finite, or the replay
    /// differs from the run's trajectory.</exception>
    /// <exception cref="OperationCanceledException">The drawing was stopped; the losses evaluated so far are
    /// kept.</exception>
    /// <exception cref="RunFolderException">A folder cannot be read or written.</exception>
    public static LandscapeRecord Draw(
        RunReader run,
        LandscapeOptions options,
        LandscapeFolder folder,
        Action<string> say,
        Action<long, long> progress,
        CancellationToken stop
    )
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(say);
        ArgumentNullException.ThrowIfNull(progress);
        var asked = SpecReader.ReadText(run.ReadSpecText(), run.Folder.Spec);
        return ModelFault.Named(asked, () => Drawn(run, asked, options, folder, say, progress, stop));
    }

    private static LandscapeRecord Drawn(
        RunReader run,
        RunSpec asked,
        LandscapeOptions options,
        LandscapeFolder folder,
        Action<string> say,
        Action<long, long> progress,
        CancellationToken stop
    )
    {
        var (step, last) = LandscapeStep.Choose(run, options.Step);
        var spec = Begin(run, asked);
        say("reading data and network");
        using var scope = NewDisposeScope();
        using var setup = new RunSetup(spec);
        using var replay = new Replay(setup, run);
        var (iterates, compared) = replay.Between(
            Math.Max(0, step - options.Window),
            Math.Min(last, step + options.Window),
            say,
            stop
        );
        using var state = new ModuleState(setup.Model);
        var survey = Survey.At(setup, iterates, step, say, stop);
        var slices = survey.Slices(options);
        var grid = new LandscapeGrid(
            Run.FolderName(asked),
            step,
            iterates[0].Step,
            iterates[^1].Step,
            [.. slices.Select(slice => slice.Record)]
        );
        Evaluate(slices, grid, setup.Objective, folder, say, progress, stop);
        var record = RecordOf(setup, survey, slices, grid, compared, replay.Rate(step));
        folder.Save(record);
        return record;
    }

    /// <summary>Starts the engine as it was for the run.</summary>
    private static RunSpec Begin(RunReader run, RunSpec spec)
    {
        if (spec.Model.Name == RunSpec.Own)
            throw new LandscapeException(
                $"{run.Folder.Path} was written by a CurvatureMonitor: another program did its training, which "
                    + "cannot be repeated here. `gyre landscape` needs a folder created by `gyre run`."
            );
        if (spec.Measured is not null)
            throw new LandscapeException(
                $"{run.Folder.Path} was measured from checkpoints: another program did its training, which cannot be "
                    + "repeated here. `gyre landscape` needs a folder created by `gyre run`."
            );
        // The device the run was trained on, whatever its spec left open.
        var device = run.ReadEnvironment()?.Device ?? spec.Device;
        LibTorch.Load();
        if (device == DeviceNames.Cuda && !Cuda.IsAvailable)
            throw new LandscapeException(
                $"{run.Folder.Path} was trained on a CUDA device, and libtorch finds none here. Plot it where "
                    + "the run was made."
            );
        return RunEngine.Begin(spec with { Device = device });
    }

    private static LandscapeRecord RecordOf(
        RunSetup setup,
        Survey survey,
        IReadOnlyList<Slice> slices,
        LandscapeGrid grid,
        ReplayRecord compared,
        double rate
    ) =>
        new()
        {
            Format = RunFolder.Format,
            Grid = grid,
            Parameters = setup.Objective.Layout.Dimension,
            Samples = setup.Objective.Samples,
            Loss = survey.Value.Loss,
            GradientNorm = survey.Value.GradientNorm,
            LearningRate = rate,
            Threshold = ThresholdAt(setup, rate, survey.Value.GradientNorm),
            Replay = compared,
            Eigenvalues = survey.Solution.Values,
            Residuals = survey.Solution.Residuals,
            AngleErrorsDegrees = survey.Solution.AngleErrorsDegrees,
            StopReason = StopReasons.NameOf(survey.Solution.StopReason),
            Products = survey.Products,
            VarianceShares = survey.Principal.Shares,
            Iterates = slices.ToDictionary(slice => slice.Record.Name, slice => slice.Placed(setup.Objective)),
            Remarks = [.. survey.Remarks(setup)],
        };

    private static double? ThresholdAt(RunSetup setup, double rate, double gradientNorm) =>
        !OptimizerCatalog.Get(setup.Spec.Optimizer.Name).Preconditions
        && setup.Optimizer.Threshold(rate, gradientNorm) is var edge
        && double.IsFinite(edge)
            ? edge
            : null;

    private static void Evaluate(
        IReadOnlyList<Slice> slices,
        LandscapeGrid grid,
        Objective objective,
        LandscapeFolder folder,
        Action<string> say,
        Action<long, long> progress,
        CancellationToken stop
    )
    {
        var (done, removed) = folder.Open(grid);
        if (removed > 0)
            say(
                $"{folder.Path} contained {removed} losses of another grid, which are removed; evaluation starts again"
            );
        else if (done > 0)
            say($"{done} losses exist already; resuming");
        var (skip, all) = (done, grid.Slices.Sum(slice => slice.Points));
        foreach (var slice in slices)
        {
            for (var number = Math.Min(skip, slice.Record.Points); number < slice.Record.Points; number++)
            {
                stop.ThrowIfCancellationRequested();
                folder.Append(
                    new LandscapePoint(slice.Record.Name, number, slice.Loss(objective, slice.Record.Place(number)))
                );
                progress(++done, all);
            }
            skip = Math.Max(0, skip - slice.Record.Points);
        }
    }
}
