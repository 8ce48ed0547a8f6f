using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Html;

namespace AuthPlatform.AdminWeb.Overview;

/// <summary>Draws a bar for each minute. It takes the colour of the text around it.</summary>
internal static class TrafficChart
{
    private const int Step = 5;
    private const int Height = 60;

    /// <param name="traffic">What is drawn.</param>
    /// <param name="zone">For the times on the bars.</param>
    /// <param name="description">What it says, for those who do not see it.</param>
    public static HtmlString Draw(Traffic traffic, TimeZoneInfo zone, string description)
    {
        var scale = Math.Max(1, traffic.Most);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {traffic.Counts.Count * Step} {Height}\" class=\"h-16 w-full\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(description)}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M0 {Height - 0.5}H{traffic.Counts.Count * Step}\" stroke=\"currentColor\" stroke-opacity=\".3\"/>");
        for (var minute = 0; minute < traffic.Counts.Count; minute++)
        {
            var count = traffic.Counts[minute];
            if (count > 0)
            {
                var height = Math.Max(1.5, count * (double)Height / scale);
                var time = TimeZoneInfo.ConvertTime(traffic.First.AddMinutes(minute), zone);
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{(minute * Step) + 0.5}\" y=\"{Height - height:0.##}\" width=\"{Step - 1}\" height=\"{height:0.##}\" fill=\"currentColor\"{(minute == traffic.Counts.Count - 1 ? " fill-opacity=\".5\"" : "")}><title>{time:HH:mm} · {count}</title></rect>");
            }
        }

        return new HtmlString(svg.Append("</svg>").ToString());
    }
}
