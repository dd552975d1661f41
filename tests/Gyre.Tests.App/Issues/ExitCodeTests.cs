using Gyre.App.Commands;

namespace Gyre.Tests.App.Issues;

/// <summary>Exit codes from what the parser returns: its own are help, and every other one is a command's.</summary>
public class ExitCodeTests
{
    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(5, 5)]
    [InlineData(77, 77)]
    public void A_code_that_no_list_knows_stays_a_failure(int returned, int code) =>
        Assert.Equal(code, CommandLine.ExitCode(returned));
}
