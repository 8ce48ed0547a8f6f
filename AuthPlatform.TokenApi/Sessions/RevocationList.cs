using Npgsql;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>The sessions that ended before their tokens did. Read at each verification, so that every replica refuses them at once.</summary>
internal sealed class RevocationList(NpgsqlDataSource dataSource)
{
    public async ValueTask<bool> ContainsAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT EXISTS (SELECT FROM revocations WHERE session_id = $1)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = sessionId });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
