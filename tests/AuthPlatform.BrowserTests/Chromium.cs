using System.Formats.Tar;
using System.IO.Compression;
using System.Reflection;
using Microsoft.Playwright;

namespace AuthPlatform.BrowserTests;

/// <summary>The browser that tests drive: the machine's own, or else the one that the build got from npm.</summary>
internal static class Chromium
{
    private static readonly string[] Installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

    /// <summary>Where the build keeps what it makes.</summary>
    public static string Artifacts { get; } = Metadata("Artifacts");

    /// <summary>The script that looks for what people with disabilities cannot use.</summary>
    public static string Axe { get; } = File.ReadAllText(Path.Combine(NodeModules, "axe-core", "axe.min.js"));

    /// <summary>What the build got from npm.</summary>
    public static string NodeModules => Metadata("NodeModules");

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        // BROWSER_TESTS_CHROMIUM=npm asks for the one from npm on a machine that has its own.
        var own = Environment.GetEnvironmentVariable("BROWSER_TESTS_CHROMIUM") == "npm" ? null : Installed.FirstOrDefault(File.Exists);
        var options = new BrowserTypeLaunchOptions { ExecutablePath = own ?? Unpack(), Args = ["--headless", "--disable-gpu"] };
        if (own is null)
        {
            // It brings the libraries that small machines lack.
            options.Env = new Dictionary<string, string>(Variables()) { ["LD_LIBRARY_PATH"] = Path.GetDirectoryName(options.ExecutablePath!)! + "/lib" };
        }

        return playwright.Chromium.LaunchAsync(options);
    }

    /// <summary>Unpacks once, beside the build's output; a killed run leaves no half of it behind.</summary>
    private static string Unpack()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The Chromium of the browser tests is for Linux; install one.");
        }

        var package = Path.Combine(NodeModules, "@sparticuz", "chromium", "bin");
        var target = Path.Combine(Artifacts, "chromium-" + File.GetLastWriteTimeUtc(Path.Combine(package, "chromium.br")).Ticks);
        var executable = Path.Combine(target, "chromium");
        if (File.Exists(executable))
        {
            return executable;
        }

        var staging = Directory.CreateDirectory(target + "." + Path.GetRandomFileName()).FullName;
        using (var packed = OpenPacked("chromium.br"))
        using (var file = File.Create(Path.Combine(staging, "chromium")))
        {
            packed.CopyTo(file);
        }

        File.SetUnixFileMode(Path.Combine(staging, "chromium"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var archive in new[] { "swiftshader.tar.br", "al2023.tar.br" })
        {
            using var packed = OpenPacked(archive);
            TarFile.ExtractToDirectory(packed, staging, overwriteFiles: true);
        }

        Directory.Move(staging, target);
        return executable;

        BrotliStream OpenPacked(string name) => new(File.OpenRead(Path.Combine(package, name)), CompressionMode.Decompress);
    }

    private static Dictionary<string, string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "");

    private static string Metadata(string key) => typeof(Chromium).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
