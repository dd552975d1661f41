using System.Globalization;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;

namespace Gyre.App.Commands;

/// <summary>The measurements that a command line requests.</summary>
/// <param name="Spec">The spec bound to its data, with the checkpoints.</param>
/// <param name="Found">The checkpoints found.</param>
/// <param name="Folder">The run folder, which may not exist yet.</param>
/// <param name="Unused">One sentence for each key that was set but has no effect.</param>
internal sealed record MeasureRequest(
    MeasureSettings Settings,
    RunSpec Spec,
    CheckpointList Found,
    RunFolder Folder,
    IReadOnlyList<string> Unused
)
{
    private const int ShownFirst = 8;
    private const int ShownLast = 3;

    private IReadOnlyList<long> _steps = [.. Found.Files.Select(file => file.Step)];
    private long _looked = TimeProvider.System.GetTimestamp();

    /// <summary>Whether there is nothing left to measure.</summary>
    /// <exception cref="TrajectoryException">The file of a measured checkpoint has changed.</exception>
    public bool IsFinished
    {
        get
        {
            if (Settings.Watch || !Trajectory.IsDone(Spec.Measured!, Folder))
                return false;
            TrajectorySource.RequireSame(Spec.Measured!, RunReader.Open(Folder.Path).ReadSteps());
            return true;
        }
    }

    /// <summary>Resolves the command line and collects all of its mistakes.</summary>
    /// <exception cref="CommandLineException">The command line has mistakes.</exception>
    /// <exception cref="SpecException">Only the spec has mistakes.</exception>
    /// <exception cref="RunFolderException">The folder cannot be used.</exception>
    public static MeasureRequest Read(MeasureSettings settings)
    {
        var model = MeasuredModel.Read(settings);
        var folder = model.Folder ?? new RunFolder(Path.Combine(settings.Out, Run.FolderName(model.Spec)));
        if (folder.Status != RunStatus.Missing)
            folder.Check();
        return new MeasureRequest(settings, model.Spec, model.Found, folder, model.Unused);
    }

    /// <summary>Throws if another process computes the run; the message names the process.</summary>
    public void RefuseWhileHeld()
    {
        if (Folder.Status != RunStatus.Missing && RunLock.IsHeld(Folder))
            RunLock.Take(Folder).Dispose();
    }

    /// <summary>Loads the network's file in a separate process before the run does.</summary>
    public void CheckModule(CancellationToken stop)
    {
        if (Folder.Status == RunStatus.Missing)
            ModuleCheck.Require(Spec, stop);
    }

    /// <summary>Starts the process that measures.</summary>
    public ChildRun Start()
    {
        string[] options = Settings.Watch ? [MeasureChild.Watch] : [];
        return ChildRun.Start(ChildProgram.GetCommandLine(MeasureChild.Name, Settings.Verbose, options), Spec, Folder);
    }

    /// <summary>
    /// Returns the steps of the checkpoints found; with --watch, looks for new ones at most once per second.
    /// </summary>
    public IReadOnlyList<long> FindSteps()
    {
        if (!Settings.Watch || TimeProvider.System.GetElapsedTime(_looked) < TimeSpan.FromSeconds(1))
            return _steps;
        _looked = TimeProvider.System.GetTimestamp();
        return _steps = [.. CheckpointList.From(Spec.Measured!).Files.Select(file => file.Step)];
    }

    /// <summary>Returns the remarks to show before the measurements start.</summary>
    public IEnumerable<string> Remarks()
    {
        foreach (var remark in Unused)
            yield return $"note: {remark}";
        foreach (var left in Found.LeftOut)
            yield return $"note: left out: {left}";
    }

    /// <summary>
    /// Describes data, model, loss, optimizer and learning rate in one line, and the checkpoints and their order in
    /// two.
    /// </summary>
    public IEnumerable<string> Describe()
    {
        var samples = Spec.Data.Samples == 0 ? "all samples" : $"N = {Spec.Data.Samples}";
        var data = DataCatalog.Get(Spec.Data.Name).HasFiles ? $"{Spec.Data.Name}, {samples}" : Spec.Data.Name;
        var model = ModelCatalog.Get(Spec.Model.Name).Describe(Spec.Model);
        yield return $"{data} · {model} · {Spec.Objective.Loss} · {Spec.Optimizer.Name}, {Rate(Spec.Training)}";
        yield return Order();
        if (Found.Files.Count > 0)
            yield return $"steps: {Found.Rule(Spec.Measured!)}";
    }

    private static string Rate(TrainingSpec training)
    {
        var first = training.LearningRate.ToString(CultureInfo.InvariantCulture);
        var changes = training.Schedule.Count;
        return changes == 0 && training.Warmup == 0 && training.Decay == DecayNames.None
            ? $"eta = {first}"
            : $"eta = {first} at first, by a schedule";
    }

    private string Order()
    {
        string[] steps = [.. _steps.Select(step => step.ToString(CultureInfo.InvariantCulture))];
        if (steps.Length == 0)
            return $"no checkpoint yet in {string.Join(", ", Spec.Measured!.Checkpoints)}: waiting";
        var shown =
            steps.Length <= ShownFirst + ShownLast
                ? steps
                : [.. steps.Take(ShownFirst), "…", .. steps.TakeLast(ShownLast)];
        return $"{Torch.Counted.Format(steps.Length, "checkpoint")}, in this order: {string.Join(", ", shown)}";
    }
}
