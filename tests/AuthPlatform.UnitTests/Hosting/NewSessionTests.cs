using System.Diagnostics;
using Aspire.Hosting.Running;

namespace AuthPlatform.UnitTests.Hosting;

public sealed class NewSessionTests
{
    /// <summary>As on macOS, where there is no <c>setsid</c>. Its number stays that of the process that was started, by which it is stopped.</summary>
    [Fact]
    public async Task Perl_InFrontOfACommand_MakesItTheLeaderOfItsOwnGroup()
    {
        string[] command = [.. OrphanGuard.PerlSession, "perl", "-e", "print \"$$ \", getpgrp(0)"];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        Assert.Equal($"{process.Id} {process.Id}", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }
}
