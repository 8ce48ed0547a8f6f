using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AuthPlatform.Cli.Import;

namespace AuthPlatform.UnitTests.Cli;

/// <summary>Text that an export has not brought as it was.</summary>
public sealed class OldTextTests
{
    private static readonly string Secret = new('a', 64);
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    /// <summary>Whatever was there: two of them would be one.</summary>
    [Theory]
    [InlineData("tokens", "unique_key")]
    [InlineData("tokens", "device")]
    [InlineData("tokens", "user_agent")]
    [InlineData("clients", "name")]
    [InlineData("clients", "app_name")]
    [InlineData("clients", "client_name")]
    [InlineData("clients", "owners")]
    [InlineData("clients", "owner")]
    public void Read_TextThatWasNotUtf8_IsNamedWithItsColumnAndNothingIsTaken(string table, string column)
    {
        var columns = table == "clients"
            ? new Dictionary<string, string> { ["client_id"] = "a", ["client_secret"] = Secret }
            : new() { ["client_id"] = "a", ["unique_key"] = "jose", ["access_token"] = Token(null), ["refresh_token"] = Token(null) };
        Assert.Empty(Read(table, columns).Failures);
        columns[column] = "jos\uFFFD";

        var old = Read(table, columns);

        Assert.StartsWith($"x.json, {table}[0]: {column} has the character U+FFFD, which is read where the file is not UTF-8: ", Assert.Single(old.Failures), StringComparison.Ordinal);
        Assert.Equal((0, 0), (old.AllApplications.Count, old.AllSessions.Count));
    }

    /// <summary>What is over, or not taken, stands in nobody's way.</summary>
    [Theory]
    [InlineData("jos\uFFFD", "phone", "phone", 1500000000)]
    [InlineData("jose", "phone", "jos\uFFFD", 4000000001)]
    public void Read_TextThatWasNotUtf8ButIsNotTaken_IsPassedOver(string user, string device, string userAgent, long expires)
    {
        var old = Read("tokens", new()
        {
            ["client_id"] = "a",
            ["unique_key"] = user,
            ["device"] = device,
            ["user_agent"] = userAgent,
            ["access_token"] = Token(null, expires),
            ["refresh_token"] = Token(null, expires),
        });

        Assert.Empty(old.Failures);
        Assert.Equal(1, old.AllSessions.Count + old.PassedOver);
    }

    /// <summary>As mysqldump writes what is binary: in hexadecimal digits, here of Latin-1.</summary>
    [Fact]
    public void Read_HexadecimalThatIsNotUtf8_IsNamedWithItsLine()
    {
        var old = OldDeployment.Read(
            MySqlDump.Read("old.sql", $"INSERT INTO tokens (client_id, unique_key, access_token, refresh_token) VALUES\n('a', 0x6A6F73E9, '{Token(null)}', '{Token(null)}');"), Now);
        Assert.StartsWith("old.sql, line 2: unique_key has the character U+FFFD", Assert.Single(old.Failures), StringComparison.Ordinal);
        Assert.Empty(old.AllSessions);
    }

    /// <summary>UTF-8 that was taken for Latin-1 once is valid text.</summary>
    [Theory]
    [InlineData("josé", "josé", "josé", true)]
    [InlineData("josé", null, null, true)]
    [InlineData("josÃ©", "josé", null, false)]
    [InlineData("josÃ©", null, "josé", false)]
    public void Read_UserWhoIsAnotherInTheTokens_IsNamedWithItsRow(string user, string? inAccess, string? inRefresh, bool isTaken)
    {
        var old = Read("tokens", new() { ["client_id"] = "a", ["unique_key"] = user, ["access_token"] = Token(inAccess), ["refresh_token"] = Token(inRefresh) });

        Assert.Equal(isTaken, old.AllSessions.Exists(s => s.UniqueKey == user));
        Assert.Equal(isTaken ? 0 : 1, old.Failures.Count);
        Assert.All(old.Failures, failure => Assert.StartsWith("x.json, tokens[0]: unique_key is not the user whom the claim unique_key of its tokens names", failure, StringComparison.Ordinal));
    }

    /// <summary>PostgreSQL would refuse it when keys are written already.</summary>
    [Fact]
    public void Read_AddressWithU0000BehindItsNumber_IsNamedWithItsRow()
    {
        var old = Read("clients", new() { ["client_id"] = "a", ["client_secret"] = Secret, ["allowed_ips"] = "10.0.0.0/8\0" });
        Assert.StartsWith("x.json, clients[0]: allowed_ips has '10.0.0.0/8", Assert.Single(old.Failures), StringComparison.Ordinal);
        Assert.Empty(old.AllApplications);
    }

    private static OldDeployment Read(string table, Dictionary<string, string> columns) =>
        OldDeployment.Read(JsonExport.Read("x.json", table, JsonSerializer.Serialize(new[] { columns })), Now);

    private static string Token(string? user, long expires = 4000000001)
    {
        var claim = user is null ? "" : $",\"unique_key\":\"{user}\"";
        return string.Join(
            '.',
            Base64Url.EncodeToString("""{"alg":"RS256","kid":"k","typ":"JWT"}"""u8),
            Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"iat":1400000000,"exp":{{expires}}{{claim}}}""")),
            "c2lnbmF0dXJl");
    }
}
