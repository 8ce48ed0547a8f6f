using System.Security.Claims;
using ResourceServer;

// A resource server that checks access tokens by itself, and still refuses what was revoked two seconds ago. docs/oauth2.md shows how to start it.
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOfflineTokens(builder.Configuration);
builder.Services.AddAuthorization();

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/", (ClaimsPrincipal caller) => $"Hello {caller.FindFirst("sub")?.Value}.\n").RequireAuthorization();
app.Run();
