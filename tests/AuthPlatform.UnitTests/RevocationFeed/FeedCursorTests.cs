using AuthPlatform.TokenApi.RevocationFeed;

namespace AuthPlatform.UnitTests.RevocationFeed;

/// <summary>Cursors have one spelling.</summary>
public sealed class FeedCursorTests
{
    [Theory]
    [InlineData("0-0")]
    [InlineData("731-12")]
    [InlineData("18446744073709551615-9223372036854775807")]
    [InlineData("2-731-12")]
    [InlineData("2147483647-18446744073709551615-9223372036854775807")]
    public void Cursor_OfTheFeed_IsReadBack(string text) => Assert.Equal(text, FeedCursor.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("01-1")]
    [InlineData("1-01")]
    [InlineData("1-1\0")]
    [InlineData(" 1-1")]
    [InlineData("+1-1")]
    [InlineData("1-+1")]
    [InlineData("1-1-1")]
    [InlineData("02-1-1")]
    [InlineData("2-1-1-1")]
    [InlineData("2--1")]
    [InlineData("-1-1")]
    [InlineData("2147483648-1-1")]
    [InlineData("１-1")]
    [InlineData("18446744073709551616-1")]
    [InlineData("1-9223372036854775808")]
    public void Cursor_OfAnyOtherSpelling_IsRefused(string text) => Assert.Null(FeedCursor.Parse(text));
}
