using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The rotation of the encryption key as docs/deployment.md has it, pasted as a whole by somebody who looks when it has ended. No key is lost by that, and no retired one is used again.</summary>
public sealed class RotationStepsTests : IDisposable
{
    /// <summary>What is started finds these keys, and uses the first.</summary>
    private const string Compose = """
        openssl() { echo "$NEW"; }
        docker() {
          echo $(cat deploy/secrets/encryption-key deploy/secrets/encryption-key-1) >> calls
          case "$*" in *" keys rekey") return "$REKEYED" ;; esac
        }

        """;

    /// <summary>The same of a cluster, whose secrets are files.</summary>
    private const string Kubernetes = """
        openssl() { echo "$NEW"; }
        kubectl() {
          case "$*" in
            *--dry-run=client*) echo "$6 ${7#--from-file=value=}" ;;
            *" create secret "*) [ ! -e "cluster/$6" ] && cp "${7#--from-file=value=}" "cluster/$6" ;;
            "apply -f -") read -r name file && cp "$file" "cluster/$name" ;;
            *" get secret "*) base64 "cluster/$5" ;;
            *" delete secret "*) rm "cluster/$5" ;;
            *" restart deployment key-manager") echo $(cat cluster/encryption-key cluster/encryption-key-1) >> calls ;;
          esac
        }
        mkdir -p deploy/kubernetes
        printf '#!/bin/sh\necho "$*" >> calls; exit "$REKEYED"\n' > deploy/kubernetes/cli.sh
        chmod +x deploy/kubernetes/cli.sh

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authplatform-rotation-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Compose_RotatedTwice_BringsNoRetiredKeyBack()
    {
        Put("deploy/secrets/encryption-key");

        Assert.Equal((true, "first second, second first, second first, second first"), await InComposeAsync("second"));
        // The retired key still lies there.
        Assert.Equal((false, ""), await InComposeAsync("third"));
        Assert.Equal("second first", Read("deploy/secrets/encryption-key", "deploy/secrets/encryption-key-1"));
        File.Delete(PathOf("deploy/secrets/encryption-key-1"));
        Assert.Equal((true, "second third, third second, third second, third second"), await InComposeAsync("third"));
    }

    [Fact]
    public async Task Compose_WhoseValuesAreNotAllReencrypted_KeepsTheOldKeyWhereItIsUsed()
    {
        Put("deploy/secrets/encryption-key");

        Assert.Equal((false, "first second, second first, second first"), await InComposeAsync("second", rekeyed: 1));
        // Once more from the top.
        Assert.Equal((false, ""), await InComposeAsync("third"));
        Assert.Equal("second first", Read("deploy/secrets/encryption-key", "deploy/secrets/encryption-key-1"));
    }

    [Fact]
    public async Task Kubernetes_RotatedTwice_BringsNoRetiredKeyBack()
    {
        Put("cluster/encryption-key");

        Assert.Equal((true, "first second, second first, keys rekey, second"), await InKubernetesAsync("second"));
        // What was made for that one still lies there.
        Assert.Equal((false, ""), await InKubernetesAsync("third"));
        Assert.Equal("second first", Read("rotation/new", "rotation/old"));
        Directory.Delete(PathOf("rotation"), recursive: true);
        Assert.Equal((true, "second third, third second, keys rekey, third"), await InKubernetesAsync("third"));
    }

    [Fact]
    public async Task Kubernetes_WhoseValuesAreNotAllReencrypted_KeepsTheOldKeyWhereItIsUsed()
    {
        Put("cluster/encryption-key");

        Assert.Equal((false, "first second, second first, keys rekey"), await InKubernetesAsync("second", rekeyed: 1));
        Assert.Equal((false, ""), await InKubernetesAsync("third"));
        // And from another machine.
        Directory.Delete(PathOf("rotation"), recursive: true);
        Assert.Equal((false, ""), await InKubernetesAsync("third"));
        Assert.Equal("second first", Read("cluster/encryption-key", "cluster/encryption-key-1"));
    }

    private Task<(bool Succeeded, string Calls)> InComposeAsync(string newKey, int rekeyed = 0) => RunAsync(Compose + DocumentedSteps.With("--file deploy/rotate-encryption-key.yml"), newKey, rekeyed);

    private Task<(bool Succeeded, string Calls)> InKubernetesAsync(string newKey, int rekeyed = 0) => RunAsync(Kubernetes + DocumentedSteps.With("delete secret encryption-key-1"), newKey, rekeyed);

    private async Task<(bool Succeeded, string Calls)> RunAsync(string script, string newKey, int rekeyed)
    {
        var start = new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["NEW"], start.Environment["REKEYED"]) = (newKey, $"{rekeyed}");
        var (exitCode, _) = await Process.Start(start)!.FinishAsync(Cancellation);
        var calls = PathOf("calls");
        var called = File.Exists(calls) ? string.Join(", ", await File.ReadAllLinesAsync(calls, Cancellation)) : "";
        File.Delete(calls);
        return (exitCode == 0, called);
    }

    private void Put(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), "first\n");
    }

    private string Read(params string[] names) => string.Join(' ', names.Select(name => File.ReadAllText(PathOf(name)).TrimEnd()));

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
