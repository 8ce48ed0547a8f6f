using System.Buffers;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Bytes that are written one after the other into memory from the pool. A list of tokens is large enough for the heap of large objects: were each a new array there, the
/// collections for them would hold up all other requests.
/// </summary>
/// <param name="capacity">How many bytes are expected; it grows beyond that.</param>
internal sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    /// <summary>Gives the memory back without what it held: tokens must not be carried to the next request.</summary>
    public void Dispose()
    {
        Return(_bytes);
        (_bytes, Length) = ([], 0);
    }

    private void MakeRoom(int count)
    {
        if (_bytes.Length - Length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + count));
        Span.CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
    }

    private static void Return(byte[] bytes) => ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
}
