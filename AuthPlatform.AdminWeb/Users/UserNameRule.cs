using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace AuthPlatform.AdminWeb.Users;

/// <summary>What the name of somebody who signs in here must be like.</summary>
internal static class UserNameRule
{
    /// <summary>Adds what is wrong with a name, if anything is, to the form's field.</summary>
    public static void CheckUserName(this ModelStateDictionary state, string field, string name)
    {
        if (name.Length is < 3 or > 100 || name.Any(char.IsControl))
        {
            state.AddModelError(field, "The user name must have 3 to 100 characters.");
        }
    }
}
