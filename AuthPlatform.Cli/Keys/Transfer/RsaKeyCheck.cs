using System.Numerics;
using System.Security.Cryptography;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>
/// What an RSA key from elsewhere must fulfil before anything is signed or verified with it. Ours are generated; these may be anything. The limits are those of
/// FIPS 186-5 §5.1 and A.1.
/// </summary>
internal static class RsaKeyCheck
{
    private static readonly int[] Sizes = [2048, 3072, 4096];
    private static readonly BigInteger LeastExponent = 65537;

    /// <summary>Some verifiers read no larger one.</summary>
    private static readonly BigInteger LargestExponent = uint.MaxValue;

    /// <summary>Everything that is wrong, each in a sentence; empty when the key may be used. The private parts may be missing.</summary>
    public static IReadOnlyList<string> Problems(RSAParameters key)
    {
        var modulus = RsaNumbers.FromBytes(key.Modulus);
        var exponent = RsaNumbers.FromBytes(key.Exponent);
        var problems = OfPublicPart(modulus, exponent).ToList();
        // The arithmetic of the pair says nothing about a key that is refused anyway, and takes long on a huge one.
        if (problems.Count == 0)
        {
            problems.AddRange(key.D is null ? OfPublicPartAlone(modulus) : OfPair(key, modulus, exponent));
        }

        return problems;
    }

    private static IEnumerable<string> OfPublicPart(BigInteger modulus, BigInteger exponent)
    {
        var bits = (int)modulus.GetBitLength();
        if (bits < Sizes[0])
        {
            yield return $"The modulus has {bits} bits; at least {Sizes[0]} are needed.";
        }
        else if (!Sizes.Contains(bits))
        {
            yield return $"The modulus has {bits} bits; keys of {string.Join(", ", Sizes)} bits are supported.";
        }

        if (exponent.IsEven || exponent < LeastExponent || exponent > LargestExponent)
        {
            yield return $"The public exponent is {exponent}; it must be odd, at least {LeastExponent} and have at most 32 bits.";
        }

        if (RsaNumbers.SmallFactor(modulus) is { } factor)
        {
            yield return $"The modulus is divisible by {factor}.";
        }

        if (RocaFingerprint.Matches(modulus))
        {
            yield return "The key was made by a generator whose private keys can be computed from the public ones (ROCA, CVE-2017-15361). Do not use it anywhere.";
        }
    }

    private static IEnumerable<string> OfPublicPartAlone(BigInteger modulus)
    {
        if (RsaNumbers.HasCloseFactors(modulus, steps: 100))
        {
            yield return "The two primes are so close to each other that the key can be factored.";
        }
    }

    private static IEnumerable<string> OfPair(RSAParameters key, BigInteger modulus, BigInteger exponent)
    {
        var (p, q, d) = (RsaNumbers.FromBytes(key.P), RsaNumbers.FromBytes(key.Q), RsaNumbers.FromBytes(key.D));
        if (p * q != modulus)
        {
            yield return "The private part does not belong to the public one: the product of its primes is another modulus.";
            yield break;
        }

        if (!RsaNumbers.IsProbablePrime(p) || !RsaNumbers.IsProbablePrime(q))
        {
            yield return "A factor of the modulus is not a prime.";
            yield break;
        }

        var half = (int)modulus.GetBitLength() / 2;
        if (p.GetBitLength() != half || q.GetBitLength() != half)
        {
            yield return $"The primes have {p.GetBitLength()} and {q.GetBitLength()} bits; both must have {half}.";
        }

        if (BigInteger.Abs(p - q) <= BigInteger.One << (half - 100))
        {
            yield return "The two primes are so close to each other that the key can be factored.";
        }

        if (exponent * d % (p - 1) != 1 || exponent * d % (q - 1) != 1)
        {
            yield return "The private part does not belong to the public one: what one signs, the other does not verify.";
        }
        else if (d.GetBitLength() <= half)
        {
            yield return "The private exponent is so small that it can be computed from the public key.";
        }

        if (RsaNumbers.FromBytes(key.DP) != d % (p - 1) || RsaNumbers.FromBytes(key.DQ) != d % (q - 1) || RsaNumbers.FromBytes(key.InverseQ) * q % p != 1)
        {
            yield return "The values that speed up signing (dP, dQ, qInv) do not belong to the key.";
        }
    }
}
