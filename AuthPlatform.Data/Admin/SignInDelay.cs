using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Admin;

/// <summary>
/// How long somebody who guessed wrong has to wait before the next try; the challenges of passkeys that were answered, which never come again; and where somebody has signed in
/// lately.
/// </summary>
public sealed class SignInDelay
{
    /// <summary>SHA-256 of what is being guessed, and from where.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Tries in a row that did not succeed.</summary>
    public required int Failures { get; init; }

    /// <summary>No try is looked at before this.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>When the last one was; of a place, when it is to be forgotten. The clean-up goes by this.</summary>
    public required DateTimeOffset TriedAt { get; init; }
}

internal sealed class SignInDelayConfiguration : IEntityTypeConfiguration<SignInDelay>
{
    public void Configure(EntityTypeBuilder<SignInDelay> builder)
    {
        builder.ToTable("sign_in_delays");
        builder.HasKey(d => d.Key);
        builder.Property(d => d.Key).ValueGeneratedNever();
        builder.HasIndex(d => d.TriedAt);
    }
}
