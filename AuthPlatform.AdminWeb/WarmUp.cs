using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;

namespace AuthPlatform.AdminWeb;

/// <summary>
/// Opens the pages of the menu before the first administrator does: that one would otherwise wait a second or two, while Entity Framework makes its model and the runtime
/// compiles. For somebody who is no row and whom no request can name; what the pages show is thrown away. No failure is a reason not to start.
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

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Whoever changes a page starts this again and again, to open one of them.
        if (!environment.IsDevelopment())
        {
            var menu = Navigation.Entries.Select(entry => $"{entry.Path.TrimEnd('/')}/Index").ToHashSet(StringComparer.OrdinalIgnoreCase);
            var found = actions.ActionDescriptors.Items.OfType<PageActionDescriptor>().Where(page => menu.Contains(page.ViewEnginePath)).DistinctBy(page => page.ViewEnginePath);
            var opened = await Task.WhenAll(found.Select(page => TryAsync(page, cancellationToken)));
            Log.Opened(logger, opened.Count(page => page));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
        var context = accessor.HttpContext = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Method = HttpMethods.Get;
        context.Request.RouteValues["page"] = page.ViewEnginePath;
        context.SetEndpoint(new Endpoint(requestDelegate: null, EndpointMetadataCollection.Empty, page.DisplayName));
        context.Features.Set(new CurrentAdministrator(Guid.Empty, "", [AdministratorRoles.Administrator], IsApproved: true, Guid.Empty, HasSecondFactor: true, now, now));
        await scope.ServiceProvider.GetRequiredService<AdministratorSessions>().FindAsync(Guid.Empty, CancellationToken.None);
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
