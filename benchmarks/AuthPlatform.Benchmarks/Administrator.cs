using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Person = AuthPlatform.Data.Admin.Administrator;

namespace AuthPlatform.Benchmarks;

/// <summary>A visitor of the administrators' pages, signed in as people are.</summary>
internal sealed partial class Administrator : IDisposable
{
    private const string Password = "nobody guesses this sentence";

    private readonly HttpClient _http;
    private readonly Dictionary<string, string> _cookies = [];

    private Administrator(Uri gateway)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = gateway };
    }

    public static async Task<Administrator> SignInAsync(Platform platform, string name, string[] roles, Guid[] owned, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetBytes(Person.TotpSecretLength);
        await RegisterAsync(platform, secret, name, roles, owned, cancellationToken);
        var administrator = new Administrator(platform.Gateway);
        await administrator.FillAsync("/admin/sign-in", new() { ["UserName"] = name, ["Password"] = Password }, cancellationToken);
        await administrator.FillAsync("/admin/sign-in/code", new() { ["Code"] = Totp.Code(secret, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30) }, cancellationToken);
        return administrator;
    }

    public async Task<string> GetAsync(string path, CancellationToken cancellationToken)
    {
        var (status, html) = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return status == HttpStatusCode.OK ? html : throw new InvalidOperationException($"{path} answered {status}.");
    }

    public void Dispose() => _http.Dispose();

    private static async Task RegisterAsync(Platform platform, byte[] secret, string name, string[] roles, Guid[] owned, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var cipher = new EnvelopeCipher([platform.EncryptionKey]);
        var person = new Person
        {
            Id = id,
            UserName = name,
            NormalizedUserName = name.ToUpperInvariant(),
            SecurityStamp = id.ToString("N"),
            Roles = roles,
            TotpSecretEncrypted = cipher.Encrypt(Person.TotpSecretField(id), secret),
            TotpSecretEncryptionKey = cipher.CurrentKeyId,
            CreatedAt = now,
            ApprovedAt = now,
        };
        person.PasswordHash = new PasswordHasher<Person>().HashPassword(person, Password);
        await using var database = new AuthDbContext(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await platform.AuthDatabaseAsync(cancellationToken)).Options);
        database.Administrators.Add(person);
        database.ApplicationOwners.AddRange(owned.Select(application => new ApplicationOwner { ApplicationId = application, AdministratorId = id }));
        await database.SaveChangesAsync(cancellationToken);
    }

    private async Task FillAsync(string path, Dictionary<string, string> fields, CancellationToken cancellationToken)
    {
        var (_, form) = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        fields["__RequestVerificationToken"] = Token().Match(form).Groups[1].Value;
        var (status, _) = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }, cancellationToken);
        if (status != HttpStatusCode.Found)
        {
            throw new InvalidOperationException($"{path} answered {status}.");
        }
    }

    private async Task<(HttpStatusCode Status, string Html)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")));
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
            {
                foreach (var pair in cookies.Select(c => c.Split(';')[0].Split('=', 2)))
                {
                    _cookies[pair[0]] = pair[1];
                }
            }

            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)")]
    private static partial Regex Token();
}
