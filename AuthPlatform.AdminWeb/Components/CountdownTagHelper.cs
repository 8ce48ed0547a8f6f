using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>How long it is until a moment, or since it, as the page is made.</summary>
[HtmlTargetElement("countdown", Attributes = "to", TagStructure = TagStructure.WithoutEndTag)]
public sealed class CountdownTagHelper(TimeProvider clock, IStringLocalizer<Texts> texts) : TagHelper
{
    /// <summary>The moment.</summary>
    public DateTimeOffset To { get; set; }

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var left = To - clock.GetUtcNow();
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "hint whitespace-nowrap tabular-nums");
        output.Content.SetContent(left < TimeSpan.Zero ? texts["{0} ago", Write(-left)] : texts["in {0}", Write(left)]);
    }

    /// <summary>In its two largest units: nobody counts the seconds of a month.</summary>
    private string Write(TimeSpan span)
    {
        var (days, hours, minutes) = (Text((int)span.TotalDays), Text(span.Hours), Text(span.Minutes));
        return span switch
        {
            { TotalDays: >= 1 } => texts["{0} d {1} h", days, hours],
            { TotalHours: >= 1 } => texts["{0} h {1} min", hours, minutes],
            { TotalMinutes: >= 1 } => texts["{0} min {1} s", minutes, Text(span.Seconds)],
            _ => texts["{0} s", Text(span.Seconds)],
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
