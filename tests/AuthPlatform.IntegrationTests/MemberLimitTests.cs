using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>How much an application may say of a session: what the contract says, and not one more.</summary>
public sealed class MemberLimitTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("device", 512, "device must be a string of at most 512 characters")]
    [InlineData("scope", 1024, "scope must be words of printable ASCII without '\"' and '\\', separated by single spaces, at most 1024 characters")]
    [InlineData("claims", 2048, "claims must be an object of at most 2048 bytes")]
    public async Task Member_AtItsLimit_IsTakenAndWithOneMoreIsNot(string member, int limit, string detail)
    {
        var (longest, _) = await IssueAsync(member, limit);
        var (longer, problem) = await IssueAsync(member, limit + 1);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (longest, longer));
        Assert.Equal(("invalid_request", detail), (problem.Text("code"), problem.Text("detail")));
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> IssueAsync(string member, int length) => platform.SendSignedAsync(
        platform.Bootstrap, "/auth/token", () => $$"""{"unique_key":"{{SignedRequests.NewUser()}}","{{member}}":{{Value(member, length)}}}""", Cancellation);

    /// <summary>As JSON. A device counts by code points and claims by bytes: there each of these characters is two, and the rest of the object eight.</summary>
    private static string Value(string member, int length) => member switch
    {
        "device" => $"\"{string.Concat(Enumerable.Repeat("\U0001F600", length))}\"",
        "scope" => $"\"{new string('s', length)}\"",
        _ => $$"""{"c":"{{new string('é', (length - 8) / 2)}}{{new string('c', length % 2)}}"}""",
    };
}
