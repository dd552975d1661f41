using Gyre.Lab.Trajectories;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>The step in names as PyTorch scripts, Lightning, Hugging Face and others write them.</summary>
public class StepNameTests
{
    [Theory]
    [InlineData("step-000120.safetensors", 120)]
    [InlineData("epoch=3-step=400.ckpt", 400)]
    [InlineData("epoch=3-step=400-v1.ckpt", 400)]
    [InlineData("checkpoint-500", 500)]
    [InlineData("checkpoint-500-best3.pt", 500)]
    [InlineData("global_step1200", 1200)]
    [InlineData("model_iter_30000.pth", 30000)]
    [InlineData("loss=0.25-step=40.ckpt", 40)]
    [InlineData("ckpt_7.pt", 7)]
    [InlineData("weights.100.pt", 100)]
    [InlineData("0.pt", 0)]
    [InlineData("STEP_12.PT", 12)]
    [InlineData("run7-step7.pt", 7)]
    [InlineData("vgg16-step5-iter5.pt", 5)]
    public void A_name_tells_its_step(string name, long step) => Assert.Equal(step, StepName.Parse(name).Step);

    [Theory]
    [InlineData("epoch=3-step=400.ckpt", "the number after \"step\"")]
    [InlineData("model_iter_30000.pth", "the number after \"iter\"")]
    [InlineData("checkpoint-500", "the number after \"checkpoint\"")]
    [InlineData("weights.100.pt", "the only number")]
    public void A_name_says_which_of_its_numbers_is_the_step(string name, string rule) =>
        Assert.Equal(rule, StepName.Parse(name).Rule);

    [Theory]
    [InlineData("last.ckpt", "has no number")]
    [InlineData("epoch=3.ckpt", "counts epochs")]
    [InlineData("epoch-3.pt", "counts epochs")]
    [InlineData("resnet18_400.pt", "has several numbers, 18 and 400")]
    [InlineData("step1-step2.pt", "has several numbers, 1 and 2")]
    [InlineData("step-99999999999999999999.pt", "has a number above")]
    [InlineData("loss-0.25.pt", "has no number")]
    public void A_name_that_does_not_tell_says_why(string name, string problem)
    {
        var read = StepName.Parse(name);
        Assert.Null(read.Step);
        Assert.StartsWith(problem, read.Problem, StringComparison.Ordinal);
    }
}
