using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Components;

/// <summary>A labelled field with its explanation and what is wrong with it; handlers add errors in English, here they get their language.</summary>
[HtmlTargetElement("field", Attributes = "for,label")]
public sealed class FieldTagHelper(IStringLocalizer<Texts> texts) : TagHelper
{
    /// <summary>The bound property.</summary>
    public ModelExpression For { get; set; } = null!;

    /// <summary>What the field is called.</summary>
    public string Label { get; set; } = "";

    /// <summary>Unit, default and meaning.</summary>
    public string? Hint { get; set; }

    /// <summary>The page.</summary>
    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var id = TagBuilder.CreateSanitizedId(For.Name, "_");
        var errors = ViewContext.ViewData.ModelState.TryGetValue(For.Name, out var entry) ? entry.Errors.Select(e => texts[e.ErrorMessage].Value) : [];
        var content = await output.GetChildContentAsync();
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", $"space-y-1.5 {output.Attributes["class"]?.Value}".TrimEnd());
        output.Content.AppendHtml($"<label class=\"label\" for=\"{id}\">").Append(Label).AppendHtml("</label>").AppendHtml(content);
        output.Content.AppendHtml($"<p class=\"field-error\" id=\"{id}-error\">").Append(string.Join('\n', errors)).AppendHtml("</p>");
        if (Hint is not null)
        {
            output.Content.AppendHtml($"<p class=\"hint\" id=\"{id}-hint\">").Append(Hint).AppendHtml("</p>");
        }
    }
}

/// <summary>Tells screen readers which texts belong to an input of a field, and that something is wrong with it; the first of those has the focus, and no other.</summary>
[HtmlTargetElement("input", Attributes = "asp-for")]
[HtmlTargetElement("select", Attributes = "asp-for")]
[HtmlTargetElement("textarea", Attributes = "asp-for")]
public sealed class DescribedInputTagHelper : TagHelper
{
    /// <summary>The bound property.</summary>
    [HtmlAttributeName("asp-for")]
    public ModelExpression For { get; set; } = null!;

    /// <summary>The page.</summary>
    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override int Order => 1000;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        // Rules are the handlers' and the database's; these attributes are for a script that is not there.
        foreach (var attribute in output.Attributes.Where(a => a.Name.StartsWith("data-val", StringComparison.Ordinal)).ToList())
        {
            output.Attributes.Remove(attribute);
        }

        if (output.Attributes["type"]?.Value?.ToString() == "hidden")
        {
            return;
        }

        var id = TagBuilder.CreateSanitizedId(For.Name, "_");
        output.Attributes.SetAttribute("aria-describedby", $"{id}-error {id}-hint");
        var fields = ViewContext.ViewData.ModelState;
        if (fields.Any(field => field.Key.Length > 0 && field.Value?.Errors.Count > 0))
        {
            output.Attributes.RemoveAll("autofocus");
        }

        if (fields.TryGetValue(For.Name, out var entry) && entry.Errors.Count > 0)
        {
            output.Attributes.SetAttribute("aria-invalid", "true");
            if (ViewContext.HttpContext.Items.TryAdd(typeof(DescribedInputTagHelper), For.Name))
            {
                output.Attributes.SetAttribute(new TagHelperAttribute("autofocus"));
            }
        }
    }
}
