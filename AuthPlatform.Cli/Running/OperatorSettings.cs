using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace AuthPlatform.Cli.Running;

/// <summary>The settings of the platform as an operator has them: from a file, from secrets in files, from the environment, or from the AppHost of the same machine.</summary>
internal static class OperatorSettings
{
    public const string FileVariable = "AUTHPLATFORM_SETTINGS";

    /// <summary>One command works on one thing at a time, beside services that need their connections.</summary>
    public const int MostConnections = 3;

    private static readonly string[] Databases = [ResourceNames.AuthDatabase, ResourceNames.KeysDatabase];

    /// <summary>Reads them; null, with the reason, when a file that was named cannot be read.</summary>
    public static (IConfigurationRoot? Settings, string? Failure) Read(FileInfo? named)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        IConfigurationSource? secrets;
        try
        {
            secrets = SecretFiles.Find(environment);
        }
        catch (InvalidOperationException unreadable)
        {
            return (null, unreadable.Message);
        }

        var given = Build(file: null, secrets);
        var file = named?.FullName ?? (environment[FileVariable] is { Length: > 0 } path ? Path.GetFullPath(path) : null) ?? FileOfLocalHost(given);
        if (file is null)
        {
            return (given, null);
        }

        try
        {
            return (Build(file, secrets), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Not the message of the parser, which could quote a secret.
            return (null, $"The settings file {file} {(exception is InvalidDataException ? "is not valid JSON" : File.Exists(file) ? "cannot be read" : "does not exist")}.");
        }
    }

    /// <summary>The sentence for a store that the settings do not name; null when all are there.</summary>
    public static string? Missing(IConfiguration settings, Stores needed)
    {
        var missing = Databases
            .Where(name => needed.HasFlag(name == ResourceNames.AuthDatabase ? Stores.AuthDatabase : Stores.KeysDatabase) && string.IsNullOrWhiteSpace(settings.GetConnectionString(name)))
            .Select(name => $"ConnectionStrings__{name}")
            .ToList();
        return missing.Count == 0
            ? null
            : $"This command needs {string.Join(" and ", missing)}: set it in the environment or in a file named by --settings, or start the AppHost on this machine.";
    }

    /// <summary>The sentence for the connection string of a database that cannot be used as it is; null when there is none. The driver's own words may repeat the password.</summary>
    public static string? Unreadable(IConfiguration settings) =>
        Databases.FirstOrDefault(name => settings.GetConnectionString(name) is { Length: > 0 } text && !IsReadable(text)) is { } unreadable
            ? $"ConnectionStrings__{unreadable} cannot be read: it must be like Host=…;Port=5432;Database=…;Username=…;Password=…."
            : null;

    private static bool IsReadable(string connectionString)
    {
        try
        {
            NpgsqlDataSource.Create(ConnectionPool.Limit(connectionString, MostConnections)).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>As in a service: the environment wins, then secrets in files, then the settings file.</summary>
    private static IConfigurationRoot Build(string? file, IConfigurationSource? secrets)
    {
        var settings = new ConfigurationBuilder();
        if (file is not null)
        {
            settings.AddJsonFile(file, optional: false);
        }

        if (secrets is not null)
        {
            settings.Add(secrets);
        }

        return settings.AddEnvironmentVariables().Build();
    }

    private static string? FileOfLocalHost(IConfiguration given) =>
        Databases.All(name => given.GetConnectionString(name) is null) && File.Exists(LocalHostSettings.File) ? LocalHostSettings.File : null;
}
