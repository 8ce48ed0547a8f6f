using System.Diagnostics;
using System.Security.Cryptography;

namespace AuthPlatform.Benchmarks;

/// <summary>The work that no issuer and no verifier of RS256 can avoid.</summary>
/// <param name="SignMicroseconds">One RSA-2048 signature over a token's length, on one core.</param>
/// <param name="VerifyMicroseconds">Its verification.</param>
internal sealed record RsaLimit(double SignMicroseconds, double VerifyMicroseconds)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(0.5);

    public static RsaLimit Mean(params IReadOnlyCollection<RsaLimit> measured) => new(measured.Average(limit => limit.SignMicroseconds), measured.Average(limit => limit.VerifyMicroseconds));

    public static RsaLimit Measure()
    {
        using var rsa = RSA.Create(2048);
        var data = RandomNumberGenerator.GetBytes(600);
        var signature = rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var destination = new byte[signature.Length];
        return new RsaLimit(
            Microseconds(() => rsa.SignData(data, destination, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            Microseconds(() => rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    private static double Microseconds(Action work)
    {
        var until = Stopwatch.GetTimestamp() + (long)(Time.TotalSeconds * Stopwatch.Frequency);
        var before = Environment.CpuUsage.TotalTime;
        var count = 0;
        while (Stopwatch.GetTimestamp() < until)
        {
            work();
            count++;
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count;
    }
}
