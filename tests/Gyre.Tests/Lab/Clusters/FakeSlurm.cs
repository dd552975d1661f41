using System.Globalization;
using Gyre.Lab.Clusters;

namespace Gyre.Tests.Lab.Clusters;

/// <summary>A cluster that does what the test says, behind the commands' own output.</summary>
internal sealed class FakeSlurm
{
    private int _jobs = 100;

    public Slurm Slurm => new(Answer);

    /// <summary>job_index → state|reason|node.</summary>
    public Dictionary<string, string> Queue { get; } = [];

    public List<(string Job, string Script, string? After)> Submitted { get; } = [];

    public List<string> Requests { get; } = [];

    public bool Silent { get; set; }

    /// <summary>Arrays it takes; what is beyond is refused.</summary>
    public int Room { get; set; } = int.MaxValue;

    public int MaxArraySize { get; set; } = 1001;

    private (string?, string) Answer(string command, IReadOnlyList<string> arguments)
    {
        Requests.Add($"{command} {string.Join(' ', arguments)}");
        if (Silent)
            return (null, "slurm_load_jobs error: Unable to contact slurm controller (connect failure)");
        return command switch
        {
            "squeue" => (
                string.Concat(
                    Queue.Select(task =>
                        $"{task.Key}|{task.Value}|{Names.GetValueOrDefault(task.Key.Split('_')[0], "x")}\n"
                    )
                ),
                ""
            ),
            "sbatch" when arguments[0] == "--version" => ("slurm-wlm 22.05.8\n", ""),
            "sbatch" => Submit(arguments),
            "scontrol" when arguments[0] == "show" && arguments[1] == "config" => (
                $"Configuration data as of now\nMaxArraySize            = {MaxArraySize}\nMaxJobCount = 10000\n",
                ""
            ),
            "scancel" => Cancel(arguments),
            _ => ("", ""),
        };
    }

    public Dictionary<string, string> Names { get; } = [];

    private (string?, string) Submit(IReadOnlyList<string> arguments)
    {
        if (Submitted.Count >= Room)
            return (
                null,
                "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit)"
            );
        var (job, script) = ((++_jobs).ToString(CultureInfo.InvariantCulture), arguments[^1]);
        Submitted.Add(
            (
                job,
                script,
                arguments.FirstOrDefault(argument => argument.StartsWith("--dependency=", StringComparison.Ordinal))
            )
        );
        var lines = File.ReadAllLines(script);
        Names[job] = lines.First(line => line.StartsWith("#SBATCH --job-name=", StringComparison.Ordinal)).Split('=')[
            1
        ];
        var range = lines
            .First(line => line.StartsWith("#SBATCH --array=", StringComparison.Ordinal))
            .Split('=')[1]
            .Split('%')[0]
            .Split('-');
        for (var i = 0; i <= int.Parse(range[1], CultureInfo.InvariantCulture); i++)
            Queue[$"{job}_{i}"] = "PENDING|Priority|";
        return ($"{job};cluster\n", "");
    }

    private (string?, string) Cancel(IReadOnlyList<string> jobs)
    {
        foreach (var gone in Queue.Keys.Where(task => jobs.Contains(task.Split('_')[0])).ToArray())
            Queue.Remove(gone);
        return ("", "");
    }
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    private TimeSpan _now = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);
}
