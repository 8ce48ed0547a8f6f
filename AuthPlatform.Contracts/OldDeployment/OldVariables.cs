using System.Collections;
using System.Globalization;

namespace AuthPlatform.Contracts.OldDeployment;

/// <summary>
/// What the settings of the older service mean here: the variables of its environment, and of its file <c>.env.{ENVIRONMENT}</c> below them. A variable that is
/// empty is not set.
/// </summary>
/// <param name="Settings">Our settings, by their names in configuration. Whatever is set under our names wins over them.</param>
/// <param name="Failures">What cannot be understood, each naming the variable and never a secret.</param>
/// <param name="DatabaseFailures">The same about the database, for those that have one.</param>
public sealed record OldVariables(IReadOnlyDictionary<string, string?> Settings, IReadOnlyList<string> Failures, IReadOnlyList<string> DatabaseFailures)
{
    private const string DatabasePrefix = "DB_MAIN_";
    private const string MySqlPort = "3306";

    private static readonly Dictionary<string, string> LogLevels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NOTSET"] = "Trace",
        ["DEBUG"] = "Debug",
        ["INFO"] = "Information",
        ["WARN"] = "Warning",
        ["WARNING"] = "Warning",
        ["ERROR"] = "Error",
        ["CRITICAL"] = "Critical",
        ["FATAL"] = "Critical",
    };

    private static readonly string[] DatabaseNames = ["HOST", "PORT", "USER", "PASSWORD", "NAME"];

    /// <summary>The variables of this process's environment.</summary>
    public static IReadOnlyDictionary<string, string> OfThisProcess() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "", StringComparer.Ordinal);

    /// <summary>Reads them.</summary>
    /// <param name="directory">Where the file is looked for; it need not be there.</param>
    /// <param name="environment">The environment's variables.</param>
    /// <param name="isOurs">Whether a setting of ours has a value already: what it replaces is not looked at then.</param>
    public static OldVariables Read(string directory, IReadOnlyDictionary<string, string> environment, Func<string, bool> isOurs)
    {
        var reading = new Reading(directory, environment, isOurs);
        reading.Telemetry();
        reading.Bootstrap();
        reading.Databases();
        return new OldVariables(reading.Settings, reading.Failures, reading.DatabaseFailures);
    }

    private sealed class Reading
    {
        private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
        private readonly Func<string, bool> _isOurs;

        public Reading(string directory, IReadOnlyDictionary<string, string> environment, Func<string, bool> isOurs)
        {
            _isOurs = isOurs;
            if (environment.GetValueOrDefault("ENVIRONMENT") is { Length: > 0 } name)
            {
                ReadFile(directory, name);
            }

            foreach (var (variable, value) in environment)
            {
                _variables[variable] = value;
            }
        }

        public Dictionary<string, string?> Settings { get; } = [];

        public List<string> Failures { get; } = [];

        public List<string> DatabaseFailures { get; } = [];

        /// <summary>The old name becomes the namespace of the services in traces and metrics, which have names of their own.</summary>
        public void Telemetry()
        {
            if (Find("LOGGING_LEVEL", "Logging:LogLevel:Default") is { } level)
            {
                if (LogLevels.TryGetValue(level.Trim(), out var ours))
                {
                    Settings["Logging:LogLevel:Default"] = ours;
                }
                else
                {
                    Failures.Add("LOGGING_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.");
                }
            }

            if (Find("TIMEZONE", "") is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone.Trim(), out _))
            {
                Failures.Add("TIMEZONE must be the name of a time zone, such as UTC or Europe/Berlin. Apart from that it has no effect: all times of the platform are UTC.");
            }

            const string Attributes = "OTEL_RESOURCE_ATTRIBUTES";
            string?[] attributes = [Attribute("service.namespace", Find("APP_NAME", Attributes)), Attribute("deployment.environment.name", Find("ENVIRONMENT", Attributes))];
            if (attributes.Any(a => a is not null))
            {
                Settings[Attributes] = string.Join(',', attributes.Where(a => a is not null));
            }
        }

        public void Bootstrap()
        {
            if (Find("CLIENT_ID", "Bootstrap:ClientId") is { } clientId)
            {
                // Beside the name itself, which another setting may still overrule: what its clients know is made of this application only.
                (Settings["Bootstrap:ClientId"], Settings["Bootstrap:OldClientId"]) = (clientId, clientId);
            }

            Copy("CLIENT_SECRET", "Bootstrap:ClientSecret");
            CopyNumber("ACCESS_TOKEN_EXPIRE_MINUTES", "Bootstrap:AccessLifetimeSeconds", 1, 60, 60);
            CopyNumber("REFRESH_TOKEN_EXPIRE_DAYS", "Bootstrap:RefreshIdleSeconds", 1, 366, 86_400);
        }

        /// <summary>One database became two on the same server; the second has the name of the first and <c>_keys</c>.</summary>
        public void Databases()
        {
            string[] ours = [$"ConnectionStrings:{ResourceNames.AuthDatabase}", $"ConnectionStrings:{ResourceNames.KeysDatabase}"];
            var given = _variables.Where(v => v.Key.StartsWith(DatabasePrefix, StringComparison.Ordinal) && v.Value.Length > 0).Select(v => v.Key[DatabasePrefix.Length..]).ToList();
            if (ours.Any(_isOurs) || given.Count == 0)
            {
                return;
            }

            DatabaseFailures.AddRange(given.Except(DatabaseNames).Select(name =>
                $"{DatabasePrefix}{name} is not known: the database is named by {string.Join(", ", DatabaseNames.Select(known => DatabasePrefix + known))}."));
            DatabaseFailures.AddRange(DatabaseNames.Except(given).Where(name => name != "PORT").Select(name =>
                $"{DatabasePrefix}{name} is missing, although other {DatabasePrefix}… variables are set."));
            var port = Database("PORT")?.Trim() ?? "5432";
            var isNumber = ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
            if (port == MySqlPort)
            {
                DatabaseFailures.Add($"{DatabasePrefix}PORT is {MySqlPort}, which is MySQL's. The platform keeps its data in PostgreSQL: name that server, usually at port 5432, and move the data with 'authplatform import'.");
            }
            else if (!isNumber)
            {
                DatabaseFailures.Add($"{DatabasePrefix}PORT must be a number from 1 to 65535.");
            }

            // Also when something is wrong: then that is what is told, not that there is no connection string.
            (Settings[ours[0]], Settings[ours[1]]) = (Connection(isNumber ? number : 5432, ""), Connection(isNumber ? number : 5432, "_keys"));
        }

        private void ReadFile(string directory, string name)
        {
            if (name.Length > 32 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                Failures.Add("ENVIRONMENT must be 1 to 32 letters, digits, '-' or '_': it names a file.");
                return;
            }

            var path = Path.Combine(directory, $".env.{name}");
            try
            {
                if (!File.Exists(path))
                {
                    return;
                }

                var (variables, failures) = EnvFile.Parse(Path.GetFileName(path), File.ReadAllText(path));
                Failures.AddRange(failures);
                foreach (var (variable, value) in variables)
                {
                    _variables[variable] = value;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Failures.Add($"{path}, which ENVIRONMENT names, cannot be read.");
            }
        }

        private string? Find(string variable, string ours) =>
            _variables.GetValueOrDefault(variable) is { Length: > 0 } value && !(ours.Length > 0 && _isOurs(ours)) ? value : null;

        private string? Database(string name) => Find(DatabasePrefix + name, "");

        private void Copy(string variable, string ours)
        {
            if (Find(variable, ours) is { } value)
            {
                Settings[ours] = value;
            }
        }

        private void CopyNumber(string variable, string ours, int least, int most, int seconds)
        {
            if (Find(variable, ours) is not { } value)
            {
                return;
            }

            if (int.TryParse(value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                Settings[ours] = (number * seconds).ToString(CultureInfo.InvariantCulture);
            }
            else
            {
                Failures.Add($"{variable} must be a whole number from {least} to {most}.");
            }
        }

        private string Connection(int port, string suffix) => string.Create(
            CultureInfo.InvariantCulture, $"Host={Quoted("HOST")};Port={port};Username={Quoted("USER")};Password={Quoted("PASSWORD")};Database={Quoted("NAME", suffix)}");

        /// <summary>So that a password cannot set anything else.</summary>
        private string Quoted(string name, string suffix = "") => $"\"{(Database(name) + suffix).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

        private static string? Attribute(string name, string? value) => value is null ? null : $"{name}={Uri.EscapeDataString(value)}";
    }
}
