using System.Text.Encodings.Web;
using System.Text.Unicode;
using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Overview;
using AuthPlatform.AdminWeb.Security;
using AuthPlatform.AdminWeb.Sessions;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.WebEncoders;
using Npgsql;

namespace AuthPlatform.AdminWeb;

/// <summary>What the administrators' pages are made of.</summary>
internal static class AdminWebServices
{
    /// <summary>The connections of searches, by which they are asked for and measured.</summary>
    public const string Searches = ResourceNames.AuthDatabase + " searches";

    public static void AddAdminWeb(this WebApplicationBuilder builder)
    {
        builder.AddStores();
        builder.AddEnvelopeEncryption();
        builder.Services.AddOptions<AdminOptions>().BindConfiguration(AdminOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AdminOptions>, ValidateAdminOptions>();
        builder.AddPublicPrefix();
        builder.Services.AddSingleton(services => new ClientAddress(builder.Configuration[PublicPrefix.Setting], services.GetRequiredService<IOptions<AdminOptions>>().Value));

        // Static files lie beside the project until it is published.
        builder.WebHost.UseStaticWebAssets();
        builder.AddTrustedProxies(TrustedProxies.Loopback);
        builder.Services.AddDataProtection().SetApplicationName("AuthPlatform.AdminWeb");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<NpgsqlDataSource, EnvelopeCipher, TimeProvider>(
            (keys, dataSource, cipher, clock) => keys.XmlRepository = new StoredDataProtectionKeys(dataSource, cipher, clock));
        builder.Services.AddLocalization(localization => localization.ResourcesPath = "Texts");
        builder.Services.Configure<RequestLocalizationOptions>(Languages.Configure);
        builder.Services.AddAntiforgery(antiforgery =>
        {
            // Sent with a link from another site, as the session is: without it that visit would get a new one, and every form that is open would be too old.
            antiforgery.Cookie = new HostCookie("antiforgery");
            // Our own header says it, for every page.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        // All that is markup is encoded whatever the language; other letters may stay what they are.
        builder.Services.Configure<WebEncoderOptions>(encoding => encoding.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        builder.AddSignIn();
        builder.Services.AddRazorPages().AddMvcOptions(mvc => mvc.Filters.Add(new HandlerRequired())).AddViewLocalization(LanguageViewLocationExpanderFormat.Suffix);
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddKeyManagerClient();
        builder.Services.AddScoped<ApplicationChange>();
        builder.Services.AddScoped<UserChange>();
        builder.Services.AddSingleton<SessionQuery>();
        builder.Services.AddSingleton<EndSessions>();
        builder.Services.AddSingleton<TrafficQuery>();
        builder.Services.AddScoped<Health>();
        builder.Services.AddSingleton<AuditQuery>();
        builder.Services.AddScoped<AuditDownload>();
        builder.Services.AddSingleton<RevocationAnnouncer>();
        builder.Services.AddScoped<Preferences>();
        builder.Services.AddSingleton<WarmUp>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<WarmUp>());
        builder.Services.Configure<CookieTempDataProviderOptions>(temporary => temporary.Cookie = new HostCookie("toast") { SameSite = SameSiteMode.Strict });
    }

    public static void UseAdminWeb(this WebApplication app)
    {
        app.Services.GetRequiredService<WarmUp>().Begin();
        app.UseForwardedHeaders();
        app.UseMiddleware<PublicAddress>();
        app.UsePathBase(PublicAddress.PathBase);
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error/500",
            StatusCodeSelector = Outage.StatusOf,
            // A store that is away is no defect, nor is who comes second: it is told in one line by the page.
            SuppressDiagnosticsCallback = context => Outage.StatusOf(context.Exception) != StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePagesWithReExecute("/error/{0}");
        app.UseMiddleware<ReadableText>();
        app.UseRequestLocalization();
        app.UseRouting();
        // Said here because a branch keeps to itself that it has been: WebApplication would ask who is there once more, before all of this, where nothing catches what fails.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        // The page that says that the database is away must not ask it again who is there.
        app.UseWhen(context => context.Features.Get<IExceptionHandlerFeature>() is null, asked => asked.UseAuthentication());
        app.UseAuthorization();
        app.MapStaticAssets().AllowAnonymous();
        app.MapFilesOfOtherVersions();
        app.MapRazorPages().WithStaticAssets();
    }

    private static void AddStores(this WebApplicationBuilder builder)
    {
        builder.AddNpgsqlDataSource(ResourceNames.AuthDatabase, configureDataSourceBuilder: dataSource => Configure(dataSource, ResourceNames.AuthDatabase));
        ClockCheck.AddTo(builder.Services);

        // A search may take all of its ten seconds: it keeps other searches waiting, and nobody who signs in or asks whether this is ready. Whoever asks that does not see this pool
        // either, so its connections leave a server that only reads by themselves, as those of the models do.
        builder.Services.AddNpgsqlDataSource(
            builder.Configuration.GetConnectionString(ResourceNames.AuthDatabase) ?? "",
            dataSource =>
            {
                Configure(dataSource, Searches);
                var settings = dataSource.ConnectionStringBuilder;
                settings.ConnectionString = ConnectionPool.Limit(settings.ConnectionString, settings.MaxPoolSize);
            },
            serviceKey: Searches);

        // An administrator waits for the page, and can press the button again: no retrying.
        builder.AddNpgsqlDbContext<AuthDbContext>(ResourceNames.AuthDatabase, settings =>
        {
            settings.ConnectionString = ConnectionPool.Limit(settings.ConnectionString, 10);
            settings.DisableHealthChecks = true;
            settings.DisableRetry = true;
        }, options => options.NamePool(ResourceNames.AuthDatabase + " models"));

        // What is published here only makes others faster; without Redis they find out by themselves.
        builder.AddFailFastRedisClient();
    }

    private static void Configure(NpgsqlDataSourceBuilder dataSource, string name)
    {
        dataSource.Name = name;
        dataSource.ConnectionStringBuilder.Timeout = 3;
        dataSource.ConnectionStringBuilder.CommandTimeout = 10;
        dataSource.ConnectionStringBuilder.MaxPoolSize = 4;
    }
}
