using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>A table of step and rate: what it stands for, and every wrong line of it at once.</summary>
public class RateTableTests
{
    [Theory]
    [InlineData("0,0.1\n10,0.2\n20,0.2\n30,0.05\n")]
    [InlineData("step,lr\r\n0,0.1\r\n10,0.2\r\n30,5e-2\r\n")]
    [InlineData("# of my run\nStep;Rate\n0;0.1\n\n10.0;0.2\n30;0.05")]
    [InlineData("\"step\"\t\"rate\"\n0\t0.1\n10\t0.2\n30\t0.05\n")]
    public void A_rate_holds_from_its_step_on(string text)
    {
        var table = RateTable.Parse(text, "rates.csv");
        Assert.Equal((0, 0.1), (table.First, table.Initial));
        Assert.Equal([new RateChange(10, 0.2), new RateChange(30, 0.05)], table.Changes);
    }

    [Fact]
    public void As_keys_of_a_spec_it_gives_the_same_rates()
    {
        var table = RateTable.Parse("0,0.1\n10,0.2\n700,0.05", "rates.csv");
        var spec = SpecReader.Read("quick", [$"training.steps={MeasuredSpec.Unbounded}", .. table.Keys()]);
        var rates = RunSchedules.Rates(spec.Training);
        Assert.Equal([0.1, 0.1, 0.2, 0.2, 0.05, 0.05], new long[] { 0, 9, 10, 699, 700, 5000 }.Select(rates.At));
    }

    [Fact]
    public void It_may_begin_later_than_the_training()
    {
        var table = RateTable.Parse("100,0.1\n200,0.2", "rates.csv");
        Assert.Equal((100, 0.1), (table.First, table.Initial));
    }

    [Fact]
    public void Every_wrong_line_is_named()
    {
        var error = Assert.Throws<SpecException>(() =>
            RateTable.Parse(
                "step,rate\n0,0.1\nx,0.2\n5\n4,0\n3,-1\n3,nan\n2,0.2\n2,0.3\n1.5,0.1\n9,Infinity\n",
                "rates.csv"
            )
        );
        string[] named =
        [
            "line 3: x is not a step",
            "line 4: 5 has 1 column; keep two",
            "line 5: 0 is not a learning rate above 0",
            "line 6: -1 is not a learning rate",
            "line 7: nan is not a learning rate",
            "line 9: step 2 is not above the previous step 2",
            "line 10: 1.5 is not a step",
            "line 11: Infinity is not finite",
        ];
        Assert.All(named, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Contains("rates.csv", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("step;rate\n0;0,1", "line 2: 0,1 has a decimal comma: write 0.1")]
    [InlineData("0\t0,1", "line 1: 0,1 has a decimal comma: write 0.1")]
    [InlineData("step,lr,loss\n0,0.1,2.3", "line 2: 0,0.1,2.3 has 3 columns; keep two, the step and the learning rate")]
    public void A_table_of_another_form_says_how_to_write_it(string text, string said) =>
        Assert.Contains(
            said,
            Assert.Throws<SpecException>(() => RateTable.Parse(text, "rates.csv")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_table_whose_every_row_is_wrong_is_cut_short()
    {
        var text = string.Concat(Enumerable.Range(0, 500).Select(step => $"{step},0.1,2\n"));
        Assert.Equal(10, Assert.Throws<SpecException>(() => RateTable.Parse(text, "rates.csv")).Mistakes.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("step,rate\n")]
    public void A_table_without_a_row_is_refused(string text) =>
        Assert.Contains(
            "there is no row",
            Assert.Throws<SpecException>(() => RateTable.Parse(text, "rates.csv")).Message,
            StringComparison.Ordinal
        );
}
