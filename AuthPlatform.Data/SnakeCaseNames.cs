using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data;

/// <summary>
/// Names in the database are snake_case, because hand-written SQL of the hot paths should not need quotes. The names are part of the model, not of the
/// options of whoever opens it: a service that forgot an option would otherwise look for other columns than the migrations made.
/// </summary>
internal static class SnakeCaseNames
{
    public static void UseSnakeCaseNames(this ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            // A row version is PostgreSQL's own xmin column, which has its name already.
            foreach (var property in entity.GetProperties().Where(p => !p.IsConcurrencyToken))
            {
                property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            }

            foreach (var key in entity.GetKeys())
            {
                key.SetName(key.GetName()!.ToLowerInvariant());
            }

            foreach (var foreignKey in entity.GetForeignKeys())
            {
                foreignKey.SetConstraintName(foreignKey.GetConstraintName()!.ToLowerInvariant());
            }

            foreach (var index in entity.GetIndexes())
            {
                index.SetDatabaseName(index.GetDatabaseName()!.ToLowerInvariant());
            }
        }
    }

    /// <summary>
    /// A default in the database for rows that are written by hand. The sentinel makes EF send every other value, zero included, so that a value out of
    /// range meets its check constraint instead of turning into the default.
    /// </summary>
    public static PropertyBuilder<T> HasDefault<T>(this PropertyBuilder<T> property, T value) => property.HasDefaultValue(value).HasSentinel(value);
}
