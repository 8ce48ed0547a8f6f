using System.Numerics;
using System.Security.Cryptography;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>Arithmetic that tells a sound RSA key from a weak one.</summary>
internal static class RsaNumbers
{
    /// <summary>A composite passes with a probability of at most 4^-16, whoever chose it.</summary>
    private const int PrimeRounds = 16;

    private static readonly int[] SmallPrimes = [.. Enumerable.Range(2, 1000).Where(n => Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0))];

    public static BigInteger FromBytes(byte[]? bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    /// <summary>The smallest prime that divides the number; null when it is above 1000.</summary>
    public static int? SmallFactor(BigInteger number) => SmallPrimes.Cast<int?>().FirstOrDefault(prime => number % prime!.Value == 0);

    /// <summary>Miller and Rabin's test with random bases (FIPS 186-5, B.3.1).</summary>
    public static bool IsProbablePrime(BigInteger number)
    {
        if (number < 2 || number.IsEven)
        {
            return number == 2;
        }

        if (SmallFactor(number) is { } factor)
        {
            return number == factor;
        }

        var shift = 0;
        var odd = number - 1;
        while (odd.IsEven)
        {
            odd >>= 1;
            shift++;
        }

        return Enumerable.Range(0, PrimeRounds).All(_ => Passes(number, odd, shift));
    }

    /// <summary>The largest number whose square is not above the given one.</summary>
    public static BigInteger SquareRoot(BigInteger number)
    {
        var root = BigInteger.One << (int)((number.GetBitLength() + 1) / 2);
        while (true)
        {
            var better = (root + (number / root)) >> 1;
            if (better >= root)
            {
                return root;
            }

            root = better;
        }
    }

    /// <summary>Whether Fermat's method finds two factors close to each other within some steps.</summary>
    public static bool HasCloseFactors(BigInteger number, int steps)
    {
        var middle = SquareRoot(number);
        if (middle * middle == number)
        {
            return true;
        }

        for (var step = 0; step < steps; step++)
        {
            middle++;
            var difference = (middle * middle) - number;
            var root = SquareRoot(difference);
            if (root * root == difference)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Passes(BigInteger number, BigInteger odd, int shift)
    {
        var power = BigInteger.ModPow(RandomBelow(number), odd, number);
        if (power.IsOne || power == number - 1)
        {
            return true;
        }

        for (var i = 1; i < shift; i++)
        {
            power = BigInteger.ModPow(power, 2, number);
            if (power == number - 1)
            {
                return true;
            }
        }

        return false;
    }

    private static BigInteger RandomBelow(BigInteger number) => 2 + (FromBytes(RandomNumberGenerator.GetBytes(number.GetByteCount() + 8)) % (number - 3));
}
