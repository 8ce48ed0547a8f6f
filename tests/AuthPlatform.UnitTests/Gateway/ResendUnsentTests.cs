using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthPlatform.Gateway;
using AuthPlatform.Gateway.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace AuthPlatform.UnitTests.Gateway;

/// <summary>What is sent again: what was surely not carried out, and nothing else.</summary>
public sealed class ResendUnsentTests
{
    private const string Body = """{"user_id":"ü"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new HttpRequestException(HttpRequestError.ConnectionError), true },
        { new HttpRequestException("", new NotSentException(null)), true },
        { new HttpRequestException(HttpRequestError.ResponseEnded), false },
        { new HttpRequestException("", new IOException("", new SocketException((int)SocketError.ConnectionReset))), false },
        { new TaskCanceledException("", new TimeoutException()), true },
        { new TaskCanceledException(), false },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task Request_ThatTheFirstReplicaDidNotGet_GoesToTheNextAsAWhole(Exception failure, bool isSentAgain)
    {
        await using var replica = await LocalServer.StartAsync(EchoAsync);
        await using var proxy = await StartProxyAsync(replica.Urls.Single(), failure);

        using var body = new StringContent(Body);
        using var response = await PostAsync(proxy, body);

        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(isSentAgain ? (HttpStatusCode.OK, Body) : (HttpStatusCode.BadGateway, ""), (response.StatusCode, answer));
    }

    /// <summary>As it is with one replica: an idle connection may end at any moment, but what ends again and again is broken.</summary>
    [Theory]
    [InlineData(1, HttpStatusCode.OK)]
    [InlineData(2, HttpStatusCode.BadGateway)]
    public async Task Request_WhoseConnectionEnded_IsSentOnceMoreToTheOnlyReplica(int failures, HttpStatusCode expected)
    {
        await using var replica = await LocalServer.StartAsync(EchoAsync);
        await using var proxy = await StartProxyAsync(replica.Urls.Single(), new HttpRequestException("", new NotSentException(null)), failures, replicas: 1);

        using var body = new StringContent(Body);
        using var response = await PostAsync(proxy, body);

        Assert.Equal(expected, response.StatusCode);
    }

    /// <summary>It is passed on as it comes, and what has been read of it is not there any more.</summary>
    [Fact]
    public async Task Request_WhoseBodyIsNotKept_IsNotSentAgainWithoutIt()
    {
        await using var replica = await LocalServer.StartAsync(EchoAsync);
        await using var proxy = await StartProxyAsync(replica.Urls.Single(), new HttpRequestException("", new NotSentException(null)));

        using var body = new StringContent(new string('x', 20_000));
        using var response = await PostAsync(proxy, body);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    /// <summary>It waits for nothing that has come already: neither the replica for the body, nor the client for anybody's consent to send it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithASmallBody_ArrivesInOnePiece(bool expectsConsent)
    {
        var isThere = false;
        await using var replica = await LocalServer.StartAsync(async context =>
        {
            Assert.False(context.Request.Headers.Expect.Count > 0);
            isThere = context.Request.BodyReader.TryRead(out var read) && read.Buffer.Length == context.Request.ContentLength;
            await context.Response.WriteAsync("", Cancellation);
        });
        await using var proxy = await StartProxyAsync(replica.Urls.Single(), failure: null);

        using var body = new StringContent(Body);
        using var response = await PostAsync(proxy, body, expectsConsent);

        Assert.Equal((HttpStatusCode.OK, true), (response.StatusCode, isThere));
    }

    /// <summary>As it is after a kill, until the gateway has heard of all connections that ended.</summary>
    [Fact]
    public async Task Request_WhenItsConnectionEndsBeforeItsFirstByte_IsKnownNotToBeSent()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new ReplicaClients(NullLogger<ForwarderHttpClientFactory>.Instance).CreateClient(new() { ClusterId = "", NewConfig = HttpClientConfig.Empty });
        Task<HttpResponseMessage> SendAsync(HttpContent content) =>
            client.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"http://{listener.LocalEndpoint}/") { Content = content }, Cancellation);

        using var first = new StringContent(Body);
        var answering = SendAsync(first);
        using var connection = await listener.AcceptSocketAsync(Cancellation);
        await connection.ReceiveAsync(new byte[1024], Cancellation);
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancellation);
        using var answer = await answering;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        using var second = new ContentThatFirst(connection.Close);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(second));
        Assert.IsType<NotSentException>(failure.InnerException);
    }

    /// <summary>As a machine that has vanished: its queue is full, so that the kernel drops whoever knocks. (Some kernels refuse them instead, which is known too.)</summary>
    [Fact]
    public async Task Request_ForAReplicaThatDropsPackets_IsSoonKnownNotToBeSent()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog: 0);
        using var only = new TcpClient();
        await only.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancellation);
        using var client = new ReplicaClients(NullLogger<ForwarderHttpClientFactory>.Instance).CreateClient(new() { ClusterId = "", NewConfig = HttpClientConfig.Empty });

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        var failure = await Assert.ThrowsAnyAsync<Exception>(
            () => client.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"http://{listener.LocalEndpoint}/"), patience.Token));

        Assert.True(ResendUnsent.IsOfNoConnection(failure), failure.ToString());
    }

    private static async Task EchoAsync(HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body, Cancellation);

    private static async Task<HttpResponseMessage> PostAsync(WebApplication proxy, HttpContent body, bool expectsConsent = false)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, proxy.Urls.Single()) { Content = body };
        request.Headers.ExpectContinue = expectsConsent;
        return await client.SendAsync(request, Cancellation);
    }

    /// <summary>A proxy whose replicas are all at <paramref name="address"/>, and whose first attempts for each request end with <paramref name="failure"/>.</summary>
    private static async Task<WebApplication> StartProxyAsync(string address, Exception? failure, int failures = 1, int replicas = 2)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddMetrics().AddLogging();
        builder.Services.AddSingleton<GatewayMetrics>().AddSingleton<IForwarderHttpClientFactory, ReplicaClients>();
        builder.Services.AddReverseProxy().AddTransforms(ForwardedRequest.Configure).LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "replicas", Match = new RouteMatch { Path = "{**rest}" } }],
            [new ClusterConfig { ClusterId = "replicas", Destinations = Enumerable.Range(1, replicas).ToDictionary(n => $"{n}", _ => new DestinationConfig { Address = address }) }]);
        var app = builder.Build();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseResendUnsent();
            proxy.Use(async (context, next) =>
            {
                var failed = context.Items["failed"] as int? ?? 0;
                if (failure is null || failed == failures)
                {
                    await next(context);
                    return;
                }

                context.Items["failed"] = failed + 1;
                var feature = context.GetReverseProxyFeature();
                feature.ProxiedDestination = feature.AvailableDestinations[0];
                context.Features.Set<IForwarderErrorFeature>(new Failed(failure));
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
            });
        });
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed record Failed(Exception Exception) : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.Request;
    }

    private sealed class ContentThatFirst(Action act) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            act();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Body), Cancellation);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Encoding.UTF8.GetByteCount(Body);
            return true;
        }
    }
}
