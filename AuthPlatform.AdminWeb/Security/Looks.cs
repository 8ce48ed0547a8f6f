namespace AuthPlatform.AdminWeb.Security;

/// <summary>Tells requests that only look from those that may change something.</summary>
internal static class Looks
{
    public static bool IsLook(this HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
