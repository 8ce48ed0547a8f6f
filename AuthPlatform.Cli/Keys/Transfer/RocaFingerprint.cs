using System.Numerics;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>
/// Recognises the moduli of CVE-2017-15361 ("ROCA", Nemec et al., CCS 2017): a widely used library made its primes as k·M + (65537^a mod M), so modulo every small
/// prime the modulus is a power of 65537. The private key can be computed from such a public one.
/// </summary>
internal static class RocaFingerprint
{
    /// <summary>Those of the small primes modulo which not everything is a power of 65537; only they tell anything apart.</summary>
    private static readonly int[] Discriminants = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

    private static readonly (int Prime, HashSet<int> Powers)[] Tests = [.. Discriminants.Select(prime => (prime, PowersModulo(prime)))];

    /// <summary>Whether the modulus has the fingerprint. A sound one has it by chance once in 2^27.</summary>
    public static bool Matches(BigInteger modulus) => Tests.All(test => test.Powers.Contains((int)(modulus % test.Prime)));

    private static HashSet<int> PowersModulo(int prime)
    {
        var powers = new HashSet<int>();
        for (var power = 1; powers.Add(power); power = (int)(power * 65537L % prime))
        {
        }

        return powers;
    }
}
