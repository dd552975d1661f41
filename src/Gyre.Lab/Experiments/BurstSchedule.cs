namespace Gyre.Lab.Experiments;

/// <summary>
/// When eigenpairs are measured: at <c>burst</c> consecutive steps from every multiple of <c>every</c>, and at the last step.
/// A single lag lies: at the edge of stability iterates bounce with period 2 and the eigenvectors flip with them (docs/theory.md).
/// </summary>
/// <param name="every">Steps between the first steps of bursts; 0 measures nothing.</param>
/// <param name="burst">Consecutive steps measured each time.</param>
/// <param name="last">The run's last step.</param>
internal sealed class BurstSchedule(int every, int burst, long last)
{
    /// <summary>Position of the step in its burst, or null where nothing is measured.</summary>
    public int? Position(long step)
    {
        if (every == 0)
            return null;
        var position = step % every;
        if (position < burst)
            return (int)position;
        return step == last ? 0 : null;
    }
}
