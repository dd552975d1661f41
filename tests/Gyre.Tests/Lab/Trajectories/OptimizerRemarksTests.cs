using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;
using Gyre.Torch.Weights;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>Settings of PyTorch's optimizer that give another threshold than the spec's are named.</summary>
public class OptimizerRemarksTests
{
    [Theory]
    [InlineData("optimizer.name=polyak", "nesterov", "--set optimizer.name=nesterov")]
    [InlineData("optimizer.name=nesterov", "", "--set optimizer.name=polyak")]
    [InlineData("optimizer.name=gd", "", "--set optimizer.name=polyak --set optimizer.momentum=0.9")]
    [InlineData("optimizer.name=gd", "nesterov", "--set optimizer.name=nesterov --set optimizer.momentum=0.9")]
    [InlineData("optimizer.name=polyak", "dampening", "dampening = 1, for which no threshold is known")]
    [InlineData("optimizer.name=gd", "beta2", "--set optimizer.name=adam")]
    [InlineData(
        "optimizer.name=adam",
        "weight_decay",
        "objective.weight_decay is 0; for AdamW, --set optimizer.name=adamw"
    )]
    public void A_rule_with_another_threshold_is_named(string set, string flag, string words)
    {
        var remarks = OptimizerRemarks.Find(
            State(flag),
            SpecReader.Read("quick", [set, "optimizer.momentum=0.9"]),
            0.1
        );
        Assert.Contains(remarks, remark => remark.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("optimizer.name=polyak", "")]
    [InlineData("optimizer.name=nesterov", "nesterov")]
    public void The_same_rule_needs_no_remark(string set, string flag) =>
        Assert.Empty(
            OptimizerRemarks.Find(State(flag), SpecReader.Read("quick", [set, "optimizer.momentum=0.9"]), 0.1)
        );

    private static OptimizerContent State(string flag)
    {
        var numbers = new Dictionary<string, double> { ["lr"] = 0.1, ["momentum"] = 0.9 };
        if (flag.Length > 0)
            numbers[flag] = 1;
        return new OptimizerContent(
            "state.pt",
            [new OptimizerGroup([0], [], numbers)],
            new Dictionary<long, OptimizerSlot>()
        );
    }
}
