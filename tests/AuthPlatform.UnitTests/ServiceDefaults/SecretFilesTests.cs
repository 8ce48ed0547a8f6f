using System.Security.Cryptography;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class SecretFilesTests : IDisposable
{
    private readonly DirectoryInfo _content = Directory.CreateTempSubdirectory("content");
    private readonly DirectoryInfo _secrets = Directory.CreateTempSubdirectory("secrets");
    private readonly string _variable = $"Test{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";

    public void Dispose()
    {
        Environment.SetEnvironmentVariable($"{_variable}__Environment", null);
        _content.Delete(recursive: true);
        _secrets.Delete(recursive: true);
    }

    [Fact]
    public void Settings_OfAService_AreArgumentsThenEnvironmentThenSecretsThenFiles()
    {
        foreach (var name in (string[])["File", "Secret", "Environment", "Argument"])
        {
            Secret($"{_variable}__{name}", "secret");
        }

        File.WriteAllText(Path.Combine(_content.FullName, "appsettings.json"), $$"""{ "{{_variable}}": { "File": "file", "OnlyFile": "file" } }""");
        Environment.SetEnvironmentVariable($"{_variable}__Environment", "environment");
        var settings = Build("--SecretsDirectory", _secrets.FullName, $"--{_variable}:Argument", "argument").GetSection(_variable);
        Assert.Equal(("file", "secret", "secret"), (settings["OnlyFile"], settings["File"], settings["Secret"]));
        Assert.Equal(("environment", "argument"), (settings["Environment"], settings["Argument"]));
    }

    /// <summary>Kubernetes swaps a link to a folder when a secret changes; the files themselves are links through it.</summary>
    [Fact]
    public void Secrets_AsKubernetesLaysThem_AreRead()
    {
        var version = _secrets.CreateSubdirectory("..2026_01_01");
        File.WriteAllText(Path.Combine(version.FullName, "Encryption__Keys__0"), "the key\n");
        Directory.CreateSymbolicLink(Path.Combine(_secrets.FullName, "..data"), version.Name);
        File.CreateSymbolicLink(Path.Combine(_secrets.FullName, "Encryption__Keys__0"), "..data/Encryption__Keys__0");
        Assert.Equal("the key", Build("--SecretsDirectory", _secrets.FullName)["Encryption:Keys:0"]);
    }

    [Fact]
    public void Secrets_InADirectoryThatIsNotThere_AreNone() => Assert.Null(Build("--SecretsDirectory", Path.Combine(_secrets.FullName, "none"))["Encryption:Keys:0"]);

    /// <summary>A link that leads nowhere, as one that the user of the process may not read: it is told with all else that is wrong.</summary>
    [Fact]
    public async Task Secrets_ThatCannotBeRead_AreRefusedWhenTheServiceStarts()
    {
        File.CreateSymbolicLink(Path.Combine(_secrets.FullName, "Encryption__Keys__0"), "nowhere");
        await using var app = Builder("--SecretsDirectory", _secrets.FullName).Build();
        var refused = Assert.Throws<OptionsValidationException>(app.Services.GetRequiredService<IStartupValidator>().Validate);
        Assert.StartsWith("SecretsDirectory: ", Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    private void Secret(string name, string value) => File.WriteAllText(Path.Combine(_secrets.FullName, name), value);

    private ConfigurationManager Build(params string[] arguments) => Builder(arguments).Configuration;

    private WebApplicationBuilder Builder(params string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = _content.FullName });
        builder.AddServiceDefaults();
        return builder;
    }
}
