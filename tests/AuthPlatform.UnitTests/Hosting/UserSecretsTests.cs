using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Running;

namespace AuthPlatform.UnitTests.Hosting;

/// <summary>AppHosts that start at the same time for the first time: what one of them loses is the key of data that it keeps.</summary>
public sealed class UserSecretsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("user-secrets");

    private string FilePath => Path.Combine(_folder.FullName, "secrets.json");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Values_AddedByManyAtOnce_AreThoseThatAreKept()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Task.Run(() => Add($"Parameters:{number % 50}", $"{number}"), Cancellation)));

        using var kept = JsonDocument.Parse(await File.ReadAllTextAsync(FilePath, Cancellation));
        Assert.Equal(50, kept.RootElement.EnumerateObject().Count());
        Assert.All(added, one => Assert.Equal(kept.RootElement.GetProperty(one.Key).GetString(), one.Value));
    }

    /// <summary>The other one is another process, which knows nothing of our locks but of the file's.</summary>
    [Fact]
    public async Task Value_WhileAnotherHostAddsIt_IsWaitedFor()
    {
        Task<(string Key, string Value)> mine;
        using (DataFolders.TryLock($"{FilePath}.lock"))
        {
            mine = Task.Run(() => Add("Parameters:key", "mine"), Cancellation);
            await File.WriteAllTextAsync(FilePath, """{"Parameters:key":"theirs"}""", Cancellation);
        }

        Assert.Equal("theirs", (await mine).Value);
    }

    private (string Key, string Value) Add(string key, string value) => (key, new UserSecrets(FilePath).GetOrAdd(key, () => value));
}
