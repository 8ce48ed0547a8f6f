using System.Globalization;
using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>A moment in the administrator's own zone, with UTC on hover.</summary>
[HtmlTargetElement("moment", Attributes = "at", TagStructure = TagStructure.WithoutEndTag)]
public sealed class MomentTagHelper(Preferences preferences) : TagHelper
{
    /// <summary>The moment.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>Whether the second is shown, too.</summary>
    public bool Seconds { get; set; }

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "time";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "whitespace-nowrap tabular-nums");
        output.Attributes.SetAttribute("datetime", UtcText.Seconds(At));
        output.Attributes.SetAttribute("title", At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        output.Content.SetContent(TimeZoneInfo.ConvertTime(At, preferences.Zone).ToString(Seconds ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
    }
}
