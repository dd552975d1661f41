using Gyre.Lab.Clusters;
using Gyre.Lab.RunFiles;

namespace Gyre.App.Sweeps;

/// <summary>
/// A sweep's jobs as other commands see them: found through the folder, without submitting anything.
/// </summary>
internal static class ClusterView
{
    /// <summary>Throws if jobs of the sweep are queued, because cells run in one place at a time.</summary>
    /// <exception cref="ClusterException">Jobs of the sweep are in the queue.</exception>
    public static void RefuseWhileJobsGo(SweepFolder folder, TimeProvider time)
    {
        if (!folder.Cluster.Exists || !Slurm.IsHere)
            return;
        var jobs = Read(folder, time).Where(work => work.Peek()).SelectMany(work => work.Jobs).ToArray();
        if (jobs.Length > 0)
            throw new ClusterException(
                $"{folder.Path} has jobs on Slurm ({string.Join(", ", jobs)}). Follow them by adding --on "
                    + "slurm, or end them with --cancel; then cells can continue here."
            );
    }

    /// <summary>
    /// Returns the work of the calibrations and of the cells; call <see cref="ClusterWork.Peek"/> to query the queue.
    /// </summary>
    public static IReadOnlyList<ClusterWork> Read(SweepFolder folder, TimeProvider time)
    {
        var cluster = folder.Cluster;
        return
        [
            Work(
                SubmissionRecord.Calibrations,
                name => ClusterFolder.Read<CalibrationRecord>(cluster.Calibration(name)) is not null,
                _ => true
            ),
            Work(
                SubmissionRecord.Cells,
                name => folder.Result(name).Status == RunStatus.Finished,
                name => folder.Cell(name).Status == RunStatus.Unfinished
            ),
        ];

        ClusterWork Work(string kind, Func<string, bool> isDone, Func<string, bool> isBegun)
        {
            var names = cluster
                .ReadSubmissions()
                .Where(one => one.Kind == kind && one.Job is not null)
                .SelectMany(one => cluster.ReadUnits(one.Number))
                .SelectMany(unit => unit.Parts)
                .Select(part => part.Name)
                .Distinct();
            var script = new ArrayScript(new SlurmOptions(), "", 0, 1, folder.Path, folder.Path, []);
            return new ClusterWork(
                cluster,
                new Slurm(),
                [.. names.Select(name => new ClusterPart(name, "", double.NaN))],
                script,
                new ClusterTasks(kind, isDone, isBegun, _ => { }, (_, _, _) => { }),
                0,
                time
            );
        }
    }
}
