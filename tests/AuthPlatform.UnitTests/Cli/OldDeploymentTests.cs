using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.Cli.Import;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.UnitTests.Cli;

public sealed class OldDeploymentTests
{
    private static readonly string Secret = new('a', 64);
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    [Fact]
    public void MySqlDump_WithAllThatMysqldumpWrites_GivesTheRows()
    {
        var rows = MySqlDump.Read(
            "old.sql",
            """
            -- MySQL dump; INSERT INTO `x` VALUES (1);
            /*!40101 SET NAMES utf8mb4 */;
            CREATE TABLE `tokens` (
              `id` int NOT NULL COMMENT 'a ) and, `b`',
              `device` varchar(512) DEFAULT 'x,y',
              PRIMARY KEY (`id`), KEY `k` (`device`)
            ) ENGINE=InnoDB;
            INSERT INTO `tokens` VALUES (1,'it\'s ''quoted''\n),(\\'),
            (-2,NULL),(3,_binary 'b'),(4,0x4142);
            insert into db.`clients` (`client_id`, secret) values ('app', 'x;y');
            UNLOCK TABLES;
            """);
        Assert.Empty(rows.Failures);
        Assert.Equal(["it's 'quoted'\n),(\\", null, "b", "AB"], rows.Rows.Where(r => r.Table == "tokens").Select(r => r.Columns["device"]));
        Assert.Equal("old.sql, line 9", rows.Rows[1].Place);
        Assert.Equal(("clients", "app", "x;y"), (rows.Rows[4].Table, rows.Rows[4].Columns["client_id"], rows.Rows[4].Columns["secret"]));
    }

    [Theory]
    [InlineData("INSERT INTO t (a) VALUES\n('x", "d, line 2: a quote is not closed.")]
    [InlineData("INSERT INTO t (a,b) VALUES\n\n(1);", "d, line 3: 1 values for 2 columns.")]
    [InlineData("INSERT INTO t VALUES (1);", "d, line 1: 1 values for columns that nothing names.")]
    [InlineData("INSERT INTO t (a) VALUES (sleep(1));", "d, line 1: a value is neither a string, a number nor NULL.")]
    [InlineData("INSERT INTO t (a) SELECT 1", "d, line 1: VALUES is missing.")]
    public void MySqlDump_WithSomethingElse_NamesTheLine(string text, string failure) => Assert.Equal([failure], MySqlDump.Read("d", text).Failures);

    [Fact]
    public void CsvFile_WithQuotesAndLineBreaks_GivesTheRowsAndTheLinesThatAreNone()
    {
        var rows = CsvFile.Read("keys.csv", "keys", "\uFEFFKid,pem\r\n1,\"a \"\"b\"\"\nc,d\"\r\n2\r\n\r\n3,x\n4,\"y");
        Assert.Equal(["a \"b\"\nc,d", "x"], rows.Rows.Select(r => r.Columns["pem"]));
        Assert.Equal("keys.csv, line 6", rows.Rows[1].Place);
        Assert.Equal(["keys.csv, line 4: 1 values for 2 columns.", "keys.csv, line 7: a quote is not closed, or something follows it."], rows.Failures);
    }

    [Fact]
    public void JsonExport_Broken_QuotesNothing()
    {
        Assert.Equal(["x.json, line 2: this is not valid JSON."], JsonExport.Read("x.json", "x", "{\n\"client_secret\": secret-value }").Failures);
        Assert.Equal(["x.json, keys[1]: this is no object."], JsonExport.Read("x.json", "x", """{"keys":[{"kid":"1"},2]}""").Failures);
    }

    [Fact]
    public void JsonExport_WithHalfACharacter_NamesTheRow()
    {
        var rows = JsonExport.Read("x.json", "tokens", """[{"unique_key":"\ud800"},{"\udc00":"u"},{"unique_key":["\ud800u"]},{"unique_key":"\ud83d\ude00"}]""");
        Assert.Equal(["x.json, tokens[0]", "x.json, tokens[1]", "x.json, tokens[2]"], rows.Failures.Select(Place));
        Assert.Equal("😀", Assert.Single(rows.Rows).Columns["unique_key"]);
        Assert.Equal("x.json", Place(Assert.Single(JsonExport.Read("x.json", "x", """{"\ud800":[]}""").Failures)));
    }

    [Fact]
    public void Read_WhatCannotBeUsed_IsNamedWithItsPlaceAndNoSecret()
    {
        var rows = JsonExport.Read(
            "x.json",
            "x",
            $$"""
            {"clients":[{"client_id":"a","client_secret":"{{Secret}}","allowed_ips":["10.0.0.0/8","::1"]},{"client_id":"a","client_secret":"{{Secret}}"},{"client_id":"b c"},
                        {"client_id":"d","client_secret":"short-secret"},{"client_id":"e","client_secret":"{{Secret}}","allowed_ips":"1.2.3"}],
             "keys":[{"client_id":"a","kid":"k","private_key":"secret-pem"},{"client_id":"a","kid":"old","expires_at":"2001-01-01 00:00:00"},{"client_id":"a","kid":"k2","expires_at":"soon"}],
             "tokens":[{"client_id":"a","unique_key":"u","access_token":"a.b.c","refresh_token":"x"}],
             "alembic_version":[{"version_num":"1"}]}
            """);
        var old = OldDeployment.Read(rows, Now);
        Assert.Equal(["10.0.0.0/8", "::1"], old.AllApplications[0].AllowedIps);
        Assert.Equal((1, 1), (old.PassedOver, old.Unknown));
        Assert.Equal(
            ["clients[2]", "clients[3]", "clients[4]", "keys[0]", "keys[2]", "tokens[0]", "clients[1]"],
            old.Failures.Select(failure => failure[8..failure.IndexOf(':', StringComparison.Ordinal)]));
        Assert.DoesNotContain(old.Failures, failure => failure.Contains("secret-pem", StringComparison.Ordinal) || failure.Contains("short-secret", StringComparison.Ordinal));
    }

    /// <summary>Known before anything is written: what is wrong with one key must not be found when others are here already.</summary>
    [Theory]
    [InlineData("b:2024")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x")]
    public void Read_KeyThatCannotBeCalledSo_IsNamedWithItsLine(string kid)
    {
        var old = OldDeployment.Read(CsvFile.Read("keys.csv", "keys", $"client_id,kid,private_key\na,{kid},secret-pem\n"), Now);
        Assert.Equal([$"keys.csv, line 2: '{kid}' is no name of a key: 1 to 64 letters, digits, '-', '_' or '.'."], old.Failures);
    }

    [Fact]
    public void Read_TimeWithAnOffset_IsThatTimeInUtc()
    {
        using var rsa = RSA.Create(2048);
        var rows = JsonExport.Read(
            "x.json",
            "keys",
            JsonSerializer.Serialize(new[] { new { client_id = "a", kid = "k", private_key = rsa.ExportPkcs8PrivateKeyPem(), expires_at = "2030-01-01T00:00:00+09:00" } }));
        var end = Assert.Single(OldDeployment.Read(rows, Now).AllKeys).ExpiresAt!.Value;
        // The driver takes no other offset.
        Assert.Equal((new DateTime(2029, 12, 31, 15, 0, 0), TimeSpan.Zero), (end.DateTime, end.Offset));
    }

    [Fact]
    public void Read_UniqueKeyAndDevice_AreCountedInCodePointsAndLeftAsTheyAre()
    {
        var (longest, token) = (string.Concat(Enumerable.Repeat("😀", SessionLimits.UniqueKey)), Token());
        var rows = JsonExport.Read(
            "x.json",
            "tokens",
            JsonSerializer.Serialize(new[] { longest, " u ", longest + "x", "u\0" }.Select(
                user => new { client_id = "a", unique_key = user, device = " phone ", access_token = token, refresh_token = token })));
        var old = OldDeployment.Read(rows, Now);
        Assert.Equal([(longest, " phone "), (" u ", " phone ")], old.AllSessions.Select(s => (s.UniqueKey, s.Device)));
        Assert.Equal(["x.json, tokens[2]", "x.json, tokens[3]"], old.Failures.Select(Place));
    }

    /// <summary>Otherwise nobody would hear of it before its user comes with it.</summary>
    [Theory]
    [InlineData("""{"alg":"RS256","kid":"k"}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"JWT","x5t":"t"}""")]
    [InlineData("""{"alg":"RS256","kid":"k","kid":"k","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","kid":"k","typ":"JWT"}""")]
    public void Read_TokenThatTheTokenApiWouldRefuse_IsNamedWithItsRow(string header)
    {
        var rows = JsonExport.Read(
            "x.json",
            "tokens",
            JsonSerializer.Serialize(new[] { (Token(header), Token()), (Token(), Token(header)), (Token(), Token()), (Token(), Token() + "=") }.Select(
                (pair, i) => new { client_id = "a", unique_key = $"u{i}", access_token = pair.Item1, refresh_token = pair.Item2 })));
        var old = OldDeployment.Read(rows, Now);
        Assert.Equal("u2", Assert.Single(old.AllSessions).UniqueKey);
        Assert.Equal(
            ["x.json, tokens[0]: access_token", "x.json, tokens[1]: refresh_token", "x.json, tokens[3]: refresh_token"],
            old.Failures.Select(failure => failure[..failure.IndexOf(" must be", StringComparison.Ordinal)]));
    }

    private static string Place(string failure) => failure[..failure.IndexOf(':', StringComparison.Ordinal)];

    private static string Token(string header = """{"alg":"RS256","kid":"k","typ":"JWT"}""") =>
        string.Join('.', Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)), Base64Url.EncodeToString("""{"iat":4000000000,"exp":4000000001}"""u8), "c2lnbmF0dXJl");
}
