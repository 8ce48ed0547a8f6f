using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb;

/// <summary>
/// Makes Entity Framework's model beside the rest of the start, and opens the pages that every page links to before the first administrator does: that one would otherwise wait a
/// second or two, while the runtime compiles. With a cookie of ours, for somebody who is no row and whom no request can name; what the pages show is thrown away. No failure is a reason not to start.
/// </summary>
internal sealed partial class WarmUp(
    IActionDescriptorCollectionProvider actions,
    PageLoader pages,
    IActionInvokerFactory invokers,
    IHttpContextAccessor accessor,
    IServiceScopeFactory scopes,
    IHostEnvironment environment,
    TimeProvider clock,
    ILogger<WarmUp> logger) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Task _model = Task.CompletedTask;

    /// <summary>Begins to make the model, in Development too. Whoever needs it before it is made waits with a thread: several who signed in at once took all there were.</summary>
    public void Begin() => _model = Task.Run(MakeModelAsync);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Whoever changes a page starts this again and again, to open one of them.
        if (!environment.IsDevelopment())
        {
            await _model.WaitAsync(Patience, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var linked = Navigation.Entries.Select(entry => entry.Path.TrimEnd('/')).Append("/account").Select(path => $"{path}/Index").ToHashSet(StringComparer.OrdinalIgnoreCase);
            var found = actions.ActionDescriptors.Items.OfType<PageActionDescriptor>().Where(page => linked.Contains(page.ViewEnginePath)).DistinctBy(page => page.ViewEnginePath);
            var opened = await Task.WhenAll(found.Select(page => TryAsync(page, cancellationToken)));
            Log.Opened(logger, opened.Count(page => page));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MakeModelAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AdministratorSessions>().FindAsync(Guid.Empty, isUse: false, CancellationToken.None);
    }

    private async Task<bool> TryAsync(PageActionDescriptor page, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => OpenAsync(page), cancellationToken).WaitAsync(Patience, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is, whoever opens the page is told.
            Log.Away(logger, page.ViewEnginePath, exception.Message);
            return false;
        }
    }

    private async Task OpenAsync(PageActionDescriptor page)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = clock.GetUtcNow();
        var nobody = new CurrentAdministrator(Guid.Empty, "", [AdministratorRoles.Administrator], IsApproved: true, Guid.Empty, HasSecondFactor: true, now, now);
        var cookies = scope.ServiceProvider.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(AdministratorSessions.Scheme);
        var context = accessor.HttpContext = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Method = HttpMethods.Get;
        context.Request.RouteValues["page"] = page.ViewEnginePath;
        context.Request.Headers.Cookie = $"{cookies.Cookie.Name}={cookies.TicketDataFormat.Protect(new AuthenticationTicket(nobody.ToPrincipal(), AdministratorSessions.Scheme))}";
        context.SetEndpoint(new Endpoint(requestDelegate: null, EndpointMetadataCollection.Empty, page.DisplayName));
        context.Features.Set(nobody);
        await context.AuthenticateAsync(AdministratorSessions.Scheme);
        var compiled = await pages.LoadAsync(page, EndpointMetadataCollection.Empty);
        await invokers.CreateInvoker(new ActionContext(context, context.GetRouteData(), compiled))!.InvokeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The page {Page} could not be opened yet: {Reason}")]
        public static partial void Away(ILogger logger, string page, string reason);

        [LoggerMessage(2, LogLevel.Information, "Opened {Count} pages, so that the first administrator does not wait")]
        public static partial void Opened(ILogger logger, int count);
    }
}
