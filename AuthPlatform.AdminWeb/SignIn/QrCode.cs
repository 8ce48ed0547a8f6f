using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;
using QRCoder;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Draws a QR code as SVG: the secret in it goes to no other server and into no file.</summary>
internal static class QrCode
{
    public static IHtmlContent Draw(string text, string label)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        for (var y = 0; y < data.ModuleMatrix.Count; y++)
        {
            for (var x = 0; x < data.ModuleMatrix[y].Length; x++)
            {
                if (data.ModuleMatrix[y][x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        var size = data.ModuleMatrix.Count;
        return new HtmlContentBuilder()
            .AppendHtml($"<svg class=\"size-52 rounded-lg bg-white\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"")
            .Append(label)
            .AppendHtml($"\"><path d=\"{path}\" fill=\"#000\"/></svg>");
    }
}
