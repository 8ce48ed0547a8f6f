using Npgsql;

namespace AuthPlatform.Data;

/// <summary>Statements with the parameters <c>$1</c>, <c>$2</c>, …, and what they find.</summary>
public static class Sql
{
    /// <summary>A parameter; null is NULL. Times must be in UTC.</summary>
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>A statement for whichever connection is free.</summary>
    public static NpgsqlCommand CreateCommand(this NpgsqlDataSource dataSource, string statement, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = dataSource.CreateCommand(statement);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>The rows that are left of a result, read to its end.</summary>
    public static async Task<List<T>> ReadAllAsync<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
