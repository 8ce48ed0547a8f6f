using System.Buffers.Binary;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>Whoever tries names learns nothing from how long it takes: it is the same work for all of them.</summary>
public sealed class PasswordSignInTests
{
    private const int Iterations = 5000;

    [Theory]
    [InlineData("anna", "right", true)]
    [InlineData(" ANNA ", "right", true)]
    [InlineData("anna", "wrong", false)]
    [InlineData("nobody", "right", false)]
    [InlineData("nobody", "nobody", false)]
    [InlineData("invited", "nobody", false)]
    [InlineData("invited", "", false)]
    [InlineData("suspended", "right", false)]
    public async Task Password_OfAnybodyOrNobody_IsHashedOnceAtTheSameCost(string userName, string password, bool isRight)
    {
        var hasher = new WatchedHasher();
        var hash = hasher.HashPassword(null!, "right");
        using var people = new People();
        people.Add("anna", hash, suspendedAt: null);
        people.Add("invited", null, suspendedAt: null);
        people.Add("suspended", hash, DateTimeOffset.UnixEpoch);
        using var users = new UserManager<Administrator>(
            people, Options.Create(new IdentityOptions()), hasher, [], [], new UpperInvariantLookupNormalizer(), new IdentityErrorDescriber(), null!, NullLogger<UserManager<Administrator>>.Instance);

        var found = await new PasswordSignIn(users, hasher).FindAsync(userName, password);

        Assert.Equal(isRight, found is not null);
        Assert.Equal([Iterations], hasher.Verified);
    }

    /// <summary>The framework's hasher, which keeps what each verification cost: the iterations that stand in the hash (its bytes 5 to 8).</summary>
    private sealed class WatchedHasher() : PasswordHasher<Administrator>(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }))
    {
        public List<int> Verified { get; } = [];

        public override PasswordVerificationResult VerifyHashedPassword(Administrator user, string hashedPassword, string providedPassword)
        {
            Verified.Add(BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(hashedPassword).AsSpan(5)));
            return base.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }

    /// <summary>Finds people by name, which is all that is asked of it.</summary>
    private sealed class People : IUserStore<Administrator>
    {
        private readonly Dictionary<string, Administrator> _people = [];

        public void Add(string name, string? hash, DateTimeOffset? suspendedAt) => _people.Add(
            name.ToUpperInvariant(), new Administrator { Id = Guid.CreateVersion7(), UserName = name, PasswordHash = hash, SuspendedAt = suspendedAt, CreatedAt = DateTimeOffset.UnixEpoch });

        public Task<Administrator?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => Task.FromResult(_people.GetValueOrDefault(normalizedUserName));

        public Task<Administrator?> FindByIdAsync(string userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IdentityResult> CreateAsync(Administrator user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IdentityResult> UpdateAsync(Administrator user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IdentityResult> DeleteAsync(Administrator user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> GetUserIdAsync(Administrator user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string?> GetUserNameAsync(Administrator user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string?> GetNormalizedUserNameAsync(Administrator user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SetUserNameAsync(Administrator user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SetNormalizedUserNameAsync(Administrator user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
