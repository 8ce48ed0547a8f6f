using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using AuthPlatform.Cli.Keys.Transfer;

namespace AuthPlatform.UnitTests.Cli;

public sealed class RsaKeyCheckTests
{
    /// <summary>A modulus that the discoverers of ROCA published with their detection tool as one of an affected chip.</summary>
    private const string RocaModulus =
        "9dcd7420e420c270a68060eb8b5aa7457a9f6648f86fafed2775cc1f79ae962f1e63f1b9e51c55f9ea6fdc7332e9b0058c9ff2eb1fc89855029cf6aafe21e689feb38ac9ffb12f1ce371bb5d0e9aae64161abce74b4244bf68f1edb4411f756a097c8929c14740245ea355f8332d1aa36bb50c7dcb4505da8de02e4e53d38f8df06097da7524df0df93db48eac8cc4af2d3a16257eb2b2adca6ba464e5974fa92550d31b1babf161e7692d00b86e3dd886ecab4abfbe1a8f8cc263ff4af55cdb45f4249a5193925f5e983d762f0b6800943eb0267b08f42ed311ce1f5c86eacbc8ce4d3cb7a2fee1ef5641423a1cf4114e5ecf50034a60a412523af9e6f4aa11";

    /// <summary>Two primes of 1024 bits that agree in their first 224 bits.</summary>
    private const string CloseP =
        "c7df70bca805ef09171030471e3becf0b0b4dd792a4c0c169d112c2e3a6a21375a0b0d35af709941651775c81910ce375f2ed2c7110e07f4714c38125a0d92f90c38c350bebabd8c6efd5fac29deb6e6f29f6a42a28b662455d22d51ef88a1749f62ab1c61dbfe2c4e8e612864715ef1bc4863aa7650931fe1d69eb6b74e4e5b";

    private const string CloseQ =
        "c7df70bca805ef09171030471e3becf0b0b4dd792a4c0c169d112c2f181af61171ba49bf3e5b93dece2a4f4a1cf732c1fdd3aaf8461ec135f6275c314d478de6ee831c445e610f4034268b09499dcab82ddd51d8802a6c29222dd19d30564bc556fab39802e1dad793b35acd7402e5872e3cf0920f2391db1dad787dc0274a3f";

    /// <summary>Nearly two to the power of 512, so that its square times a generated prime has all 2048 bits.</summary>
    private static readonly BigInteger LargePrime = NextPrime((BigInteger.One << 512) - (BigInteger.One << 500));

    private static readonly RSAParameters Sound = Generate(2048);

    public static TheoryData<string, Func<RSAParameters>> Refused => new()
    {
        { "has 1024 bits; at least 2048", () => Generate(1024) },
        { "has 2056 bits; keys of 2048, 3072, 4096", () => Generate(2056) },
        { "public exponent is 3;", () => Sound with { Exponent = [3] } },
        { "public exponent is 65536;", () => Sound with { Exponent = [1, 0, 0] } },
        { "public exponent is 4294967297;", () => Sound with { Exponent = [1, 0, 0, 0, 1] } },
        { "divisible by 3", () => PublicOnly(Number(Sound.Modulus) * 3) },
        { "ROCA", () => PublicOnly(Hex(RocaModulus)) },
        { "so close to each other", () => PublicOnly(Hex(CloseP) * (NextPrime(Hex(CloseP) + 2))) },
        { "so close to each other", () => Pair(Hex(CloseP), Hex(CloseQ), 65537) },
        { "another modulus", () => Sound with { P = Other.P } },
        { "not a prime", () => Pair(Number(Sound.P), BigInteger.Pow(LargePrime, 2), 65537) },
        { "what one signs, the other does not verify", () => Sound with { D = Other.D } },
        { "what one signs, the other does not verify", () => Sound with { Exponent = [1, 0, 3] } },
        { "speed up signing", () => Sound with { DP = Sound.DQ } },
    };

    private static RSAParameters Other { get; } = Generate(2048);

    [Theory]
    [MemberData(nameof(Refused))]
    public void Problems_KeyThatMustNotBeUsed_SaysWhy(string says, Func<RSAParameters> make) =>
        Assert.Contains(RsaKeyCheck.Problems(make()), problem => problem.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void Problems_SoundKey_FindsNone()
    {
        Assert.Empty(RsaKeyCheck.Problems(Sound));
        Assert.Empty(RsaKeyCheck.Problems(new RSAParameters { Modulus = Sound.Modulus, Exponent = Sound.Exponent }));
        Assert.Empty(RsaKeyCheck.Problems(Pair(Number(Sound.P), Number(Sound.Q), 65539)));
    }

    private static RSAParameters Generate(int bits)
    {
        using var rsa = RSA.Create(bits);
        return rsa.ExportParameters(includePrivateParameters: true);
    }

    private static RSAParameters PublicOnly(BigInteger modulus) => new() { Modulus = Bytes(modulus), Exponent = [1, 0, 1] };

    /// <summary>The other numbers of a pair whose primes and public exponent are given.</summary>
    private static RSAParameters Pair(BigInteger p, BigInteger q, BigInteger exponent) => Pair(p, q, exponent, Inverse(exponent, (p - 1) * (q - 1)));

    private static RSAParameters Pair(BigInteger p, BigInteger q, BigInteger exponent, BigInteger d) => new()
    {
        Modulus = Bytes(p * q),
        Exponent = Bytes(exponent),
        D = Bytes(d),
        P = Bytes(p),
        Q = Bytes(q),
        DP = Bytes(d % (p - 1)),
        DQ = Bytes(d % (q - 1)),
        InverseQ = Bytes(Inverse(q, p)),
    };

    private static BigInteger NextPrime(BigInteger number)
    {
        var candidate = number | 1;
        while (!RsaNumbers.IsProbablePrime(candidate))
        {
            candidate += 2;
        }

        return candidate;
    }

    private static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        var (a, b, x, y) = (value % modulus, modulus, BigInteger.One, BigInteger.Zero);
        while (!b.IsZero)
        {
            (a, b, x, y) = (b, a % b, y, x - (a / b * y));
        }

        return ((x % modulus) + modulus) % modulus;
    }

    private static BigInteger Hex(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static BigInteger Number(byte[]? bytes) => RsaNumbers.FromBytes(bytes);

    private static byte[] Bytes(BigInteger number) => number.ToByteArray(isUnsigned: true, isBigEndian: true);
}
