using Gyre.Tests.TestKit;

namespace Gyre.Tests.App.Issues;

/// <summary>`gyre doctor --device cpu` said "The spec has a mistake", although there is no spec.</summary>
public class DoctorDeviceTests
{
    [Fact]
    public void A_device_without_the_check_is_explained_without_a_spec()
    {
        var (exitCode, output, error) = GyreProcess.Run("doctor", "--device", "cpu");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("--gpu-check", error, StringComparison.Ordinal);
        Assert.DoesNotContain("spec", error, StringComparison.OrdinalIgnoreCase);
    }
}
