using System.Reflection;
using AuthPlatform.AdminWeb.Security;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>What a form can set: values and inputs made of values. A row of the database, with its roles, owners, keys and times, is never among them.</summary>
public sealed class FormTests
{
    private static readonly Assembly AdminWeb = typeof(AccessAttribute).Assembly;

    public static TheoryData<Type> Pages => [.. AdminWeb.GetTypes().Where(type => type.IsSubclassOf(typeof(PageModel)) && !type.IsAbstract)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_FilledByAForm_TakesValuesOnly(Type page)
    {
        var properties = page.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(p => p.GetCustomAttribute<BindPropertyAttribute>() is not null).Select(p => p.PropertyType);
        var parameters = page.GetMethods().Where(m => m.Name.StartsWith("OnGet", StringComparison.Ordinal) || m.Name.StartsWith("OnPost", StringComparison.Ordinal)).SelectMany(m => m.GetParameters()).Select(p => p.ParameterType);

        Assert.Null(page.GetCustomAttribute<BindPropertiesAttribute>());
        Assert.All(properties, type => Assert.True(IsValue(type) || IsInput(type), $"{page.Name} takes a {type.Name}."));
        Assert.All(parameters.Where(type => type != typeof(CancellationToken)), type => Assert.True(IsValue(type), $"{page.Name} takes a {type.Name}."));
    }

    private static bool IsInput(Type type) => type.Assembly == AdminWeb && type.Name.EndsWith("Input", StringComparison.Ordinal) && type.GetProperties().Where(p => p.CanWrite).All(p => IsValue(p.PropertyType));

    private static bool IsValue(Type type)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        return value.IsPrimitive || value == typeof(string) || value == typeof(Guid);
    }
}
