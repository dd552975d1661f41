namespace Gyre.Lab.Dynamics;

/// <summary>The curvature above which an optimizer diverges on a quadratic, known as the edge of stability.</summary>
public static class StabilityThreshold
{
    /// <summary>Returns the threshold of gradient descent, 2/eta.</summary>
    public static double GradientDescent(double learningRate) => 2 / learningRate;

    /// <summary>Returns the threshold of Polyak momentum b, (2 + 2b)/eta (Cohen et al. 2021, appendix B).</summary>
    public static double Polyak(double learningRate, double momentum) => (2 + 2 * momentum) / learningRate;

    /// <summary>
    /// Returns the threshold of Nesterov momentum b, (2 + 2b)/(eta(1 + 2b)) (Cohen et al. 2021, appendix B).
    /// </summary>
    public static double Nesterov(double learningRate, double momentum) =>
        (2 + 2 * momentum) / (learningRate * (1 + 2 * momentum));

    /// <summary>
    /// Returns the threshold of Adam-like methods for the preconditioned Hessian, (2 + 2b₁)/((1 − b₁)eta), which is
    /// 38/eta at b₁ = 0.9 (Cohen et al. 2022).
    /// </summary>
    public static double Adaptive(double learningRate, double firstMoment) =>
        (2 + 2 * firstMoment) / ((1 - firstMoment) * learningRate);

    /// <summary>
    /// Returns the threshold of sharpness-aware minimization with radius rho at a gradient of norm g,
    /// g/(2rho)·(sqrt(1 + 8rho/(eta·g)) − 1), which tends to 2/eta as rho goes to 0 (Long and Bartlett 2024, the SAM
    /// edge).
    /// </summary>
    public static double SharpnessAware(double learningRate, double radius, double gradientNorm) =>
        radius == 0
            ? GradientDescent(learningRate)
            : 4 / learningRate / (Math.Sqrt(1 + 8 * radius / (learningRate * gradientNorm)) + 1);
}
