using System.Buffers.Text;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class RefreshTokenTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly Guid Session = Guid.Parse("0199c7d4-0000-7000-8000-000000000001");

    [Fact]
    public void Create_SameSessionAndGeneration_GivesTheSameBytes() => Assert.Equal(RefreshToken.Create(Key, Session, 3), RefreshToken.Create(Key, Session, 3));

    [Fact]
    public void Create_AnyOtherInput_GivesAnotherProof()
    {
        var token = RefreshToken.Create(Key, Session, 3);
        Assert.NotEqual(Proof(token), Proof(RefreshToken.Create(Key, Session, 4)));
        Assert.NotEqual(Proof(token), Proof(RefreshToken.Create(Key, Guid.Parse("0199c7d4-0000-7000-8000-000000000002"), 3)));
        Assert.NotEqual(Proof(token), Proof(RefreshToken.Create([.. Key.Reverse()], Session, 3)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Read_WhatWasCreated_GivesItBack(int generation) => Assert.Equal((Session, generation), RefreshToken.Read(Key, RefreshToken.Create(Key, Session, generation)));

    [Fact]
    public void Read_WithAnotherKey_IsNone() => Assert.Null(RefreshToken.Read([.. Key.Reverse()], RefreshToken.Create(Key, Session, 3)));

    /// <summary>The session and the generation too: nobody moves a proof to another token.</summary>
    [Fact]
    public void Read_WithAnyBitChanged_IsNone()
    {
        var bytes = Base64Url.DecodeFromChars(RefreshToken.Create(Key, Session, 3).AsSpan(RefreshToken.Prefix.Length));
        Assert.Equal((Session, 3), RefreshToken.Read(Key, Spell(bytes)));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(RefreshToken.Read(Key, Spell(bytes)));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        static string Spell(byte[] bytes) => RefreshToken.Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>The last character has four bits that mean nothing: of its sixteen spellings one is good.</summary>
    [Fact]
    public void Read_WithAnyOtherCharacter_IsNone()
    {
        var token = RefreshToken.Create(Key, Session, 3);
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n.\0é")
            {
                if (other != token[i])
                {
                    Assert.Null(RefreshToken.Read(Key, $"{token[..i]}{other}{token[(i + 1)..]}"));
                }
            }
        }
    }

    [Fact]
    public void Read_OtherLengthsAndSpellings_AreNone()
    {
        var token = RefreshToken.Create(Key, Session, 3);
        string[] others =
        [
            "", "rt_", "rt", token[..^1], token[..^2], token[1..], token + "A", token + "=", token + "==", " " + token, token + "\n", token[3..], "RT_" + token[3..], token + token, token.Insert(10, "\n")[..token.Length], token.Insert(10, " "),
            token.ToUpperInvariant(), "rt_" + new string('A', 70), "rt_" + new string('_', 70), "rt_" + new string('=', 70), "rt_" + new string(' ', 70), new string('x', 9000),
        ];
        Assert.All(others, other => Assert.Null(RefreshToken.Read(Key, other)));
    }

    /// <summary>The last 32 of the 52 bytes.</summary>
    private static string Proof(string token) => token[^42..];
}
