using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// The newest tokens whose signature was found right, so that a token which is presented again and again is checked once. They are known by their SHA-256 hash, which no
/// other token has. What can change is asked each time: the lifetime, whether the key is still published, the application, the session.
/// </summary>
internal sealed class ProvenTokens(int size = ProvenTokens.DefaultSize)
{
    private const int DefaultSize = 8192;

    private ConcurrentDictionary<Digest, Proof> _old = new();
    private ConcurrentDictionary<Digest, Proof> _young = new();
    private int _youngCount;

    /// <summary>What was proven of a token; null when nothing was, or too many others came since.</summary>
    public Proof? Find(string token)
    {
        if (token.Length > JwsShape.MaxLength)
        {
            return null;
        }

        var digest = Digest.Of(token);
        if (Volatile.Read(ref _young).TryGetValue(digest, out var proof))
        {
            return proof;
        }

        if (Volatile.Read(ref _old).TryGetValue(digest, out proof))
        {
            Add(digest, proof);
        }

        return proof;
    }

    /// <summary>Remembers a token until twice as many others as fit have come.</summary>
    public void Add(string token, Proof proof) => Add(Digest.Of(token), proof);

    private void Add(Digest digest, Proof proof)
    {
        if (Volatile.Read(ref _young).TryAdd(digest, proof) && Interlocked.Increment(ref _youngCount) == size)
        {
            Volatile.Write(ref _old, Interlocked.Exchange(ref _young, new ConcurrentDictionary<Digest, Proof>()));
            Volatile.Write(ref _youngCount, 0);
        }
    }

    private readonly record struct Digest(UInt128 First, UInt128 Second)
    {
        /// <summary>Of the characters as they are in memory: no encoding could make two tokens one.</summary>
        public static Digest Of(string token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(MemoryMarshal.AsBytes(token.AsSpan()), hash);
            return MemoryMarshal.Read<Digest>(hash);
        }
    }
}

/// <summary>That a token was found right, and by what.</summary>
/// <param name="Shape">What the token says.</param>
/// <param name="Key">The key that it was signed with.</param>
/// <param name="Audience">The audience that it had to name.</param>
internal sealed record Proof(JwsShape Shape, SecurityKey Key, string Audience);
