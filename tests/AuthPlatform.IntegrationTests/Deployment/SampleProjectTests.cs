using System.Xml.Linq;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Samples are programs to copy: in another folder they are built as they are here, and with the packages that are tested here.</summary>
public sealed class SampleProjectTests
{
    [Theory]
    [InlineData("ResourceServer")]
    [InlineData("SigningClient")]
    public void Project_OfASample_SaysItselfWhatItIsBuiltWith(string sample)
    {
        var (project, all, packages) = (Read($"samples/{sample}/{sample}.csproj"), Read("Directory.Build.props"), Read("Directory.Packages.props"));
        foreach (var property in new[] { "TargetFramework", "ImplicitUsings", "Nullable" })
        {
            Assert.Equal(all.Descendants(property).Single().Value, project.Descendants(property).SingleOrDefault()?.Value);
        }

        var versions = packages.Descendants("PackageVersion").ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);
        Assert.All(project.Descendants("PackageReference"), package => Assert.Equal(versions[package.Attribute("Include")!.Value], package.Attribute("Version")?.Value));
    }

    private static XDocument Read(string file) => XDocument.Parse(Repository.Read(file));
}
