using Gyre.Lab.DeviceChecks;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.DeviceChecks;

/// <summary>
/// The checks that `gyre doctor --gpu-check` makes of a device: all hold on the processor, and what does not hold is
/// said.
/// </summary>
public class DeviceCheckTests
{
    public static TheoryData<string> Names => [.. CheckCatalog.All.Select(check => check.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_check_holds_on_the_processor(string name)
    {
        var outcome = CheckCatalog.All.Single(check => check.Name == name).Run(CPU, TimeProvider.System);
        Assert.True(outcome.Passed, $"{outcome.Error} is above {outcome.Check.Tolerance}. {outcome.Fault}");
    }

    [Fact]
    public void A_device_that_cannot_compute_fails_every_check_and_ends_none_of_the_others()
    {
        // meta knows shapes and no numbers
        var outcomes = CheckCatalog
            .All.Where(check => check.Name is "matrix product" or "gradient" or "prescribed spectrum" or "vgg")
            .Select(check => check.Run(META, TimeProvider.System))
            .ToArray();
        Assert.Equal(4, outcomes.Length);
        Assert.All(outcomes, outcome => Assert.False(outcome.Passed));
        Assert.All(outcomes, outcome => Assert.NotNull(outcome.Fault));
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(1.0, true)]
    [InlineData(1.5, false)]
    [InlineData(double.NaN, false)]
    public void An_error_above_the_tolerance_or_none_at_all_fails(double error, bool passes) =>
        Assert.Equal(passes, new DeviceCheck("a", "b", 1, _ => error).Run(CPU, TimeProvider.System).Passed);

    /// <summary>
    /// A product that is computed with ten bits, as TF32 computes it, is noticed: the check's tolerance lies between
    /// the two.
    /// </summary>
    [Fact]
    public void A_product_of_ten_bits_would_fail_the_check_of_products()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        var (a, b) = (
            randn([256 * 256], ScalarType.Float32, CPU, generator: generator),
            randn([256 * 256], ScalarType.Float32, CPU, generator: generator)
        );
        Tensor TenBits(Tensor x) =>
            tensor(
                Array.ConvertAll(
                    x.data<float>().ToArray(),
                    number => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(number) & 0xffffe000)
                ),
                device: CPU
            );
        Tensor Product(Tensor x, Tensor y) =>
            x.view(256, 256).to(ScalarType.Float64).mm(y.view(256, 256).to(ScalarType.Float64));
        var truth = Product(a, b);
        var error =
            (Product(TenBits(a), TenBits(b)) - truth).abs().max().item<double>() / truth.abs().max().item<double>();
        Assert.InRange(error, 10 * CheckCatalog.All.Single(check => check.Name == "matrix product").Tolerance, 1);
    }
}
