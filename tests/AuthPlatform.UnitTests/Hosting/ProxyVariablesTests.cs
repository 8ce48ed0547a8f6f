using Aspire.Hosting.Running;

namespace AuthPlatform.UnitTests.Hosting;

public sealed class ProxyVariablesTests
{
    [Fact]
    public void Environment_WithAProxy_ExemptsThisMachine()
    {
        var environment = new Dictionary<string, string?> { ["HTTP_PROXY"] = "http://proxy:3128" };
        ProxyVariables.SpareThisMachine(environment);
        Assert.Equal("localhost,127.0.0.1,[::1]", environment["no_proxy"]);
        Assert.Equal(environment["no_proxy"], environment["NO_PROXY"]);
    }

    [Fact]
    public void Environment_ThatExemptsOthers_ExemptsThemToo()
    {
        var environment = new Dictionary<string, string?> { ["https_proxy"] = "http://proxy:3128", ["NO_PROXY"] = ".example.com" };
        ProxyVariables.SpareThisMachine(environment);
        Assert.Equal(".example.com,localhost,127.0.0.1,[::1]", environment["no_proxy"]);
        Assert.Equal(environment["no_proxy"], environment["NO_PROXY"]);
    }

    [Fact]
    public void Environment_WithoutAProxy_StaysAsItIs()
    {
        var environment = new Dictionary<string, string?> { ["PATH"] = "/bin" };
        ProxyVariables.SpareThisMachine(environment);
        Assert.Equal("PATH", Assert.Single(environment).Key);
    }
}
