using System.Globalization;
using System.Reflection;
using System.Resources;
using AuthPlatform.AdminWeb;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Users;
using AuthPlatform.Data.Admin;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>Texts on their way out: into files, into other languages, into columns.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("a \"quote\"", "\"a \"\"quote\"\"\"")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r\n=1", "\"'\r\n=1\"")]
    [InlineData("  =1", "\"'  =1\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("a;=1", "\"a;'=1\"")]
    [InlineData("a\t@b", "\"a\t'@b\"")]
    [InlineData("a,=cmd|' /C calc'!A0", "\"a,'=cmd|' /C calc'!A0\"")]
    [InlineData("line\n=1", "\"line\n'=1\"")]
    [InlineData("2026-01-01", "\"2026-01-01\"")]
    [InlineData("a=b&c@d.example", "\"a=b&c@d.example\"")]
    public void Cell_OfAnyText_IsNoFormula(string? text, string expected) => Assert.Equal(expected, AuditDownload.Cell(text));

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab😀", 3, "ab")]
    [InlineData("ab😀", 4, "ab😀")]
    public void Text_CutAnywhere_EndsWithAWholeCharacter(string text, int length, string expected) => Assert.Equal(expected, Criterion.Cut(text, length));

    /// <summary>Names that no page writes out; the others are found in the sources by another test.</summary>
    [Fact]
    public void Name_OfAnyValue_IsThereInKorean()
    {
        var korean = new ResourceManager("AuthPlatform.AdminWeb.Texts.Texts", typeof(Texts).Assembly).GetResourceSet(CultureInfo.GetCultureInfo("ko"), createIfNotExists: true, tryParents: false)!;
        string[] names =
        [
            .. AuthPlatform.AdminWeb.Pages.Audit.IndexModel.Kinds.Select(Labels.AuditKind),
            .. AdministratorRoles.All.Select(Labels.Role),
            .. typeof(SignInMethods).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => Labels.Method((string)f.GetRawConstantValue()!)),
            .. UserStates.All.Select(UserStates.Label),
            .. Navigation.Entries.Select(e => e.Label),
        ];

        Assert.DoesNotContain(names, name => string.IsNullOrWhiteSpace(korean.GetString(name)));
    }
}
