namespace AuthPlatform.Cli.Import;

/// <summary>Text in people's own words, which is taken as it is: it must have come through the export whole.</summary>
internal static class OldText
{
    public const string HowToExport = "export the table as UTF-8 (mysqldump --default-character-set=utf8mb4, or SELECT ... INTO OUTFILE ... CHARACTER SET utf8mb4)";

    /// <summary>What is read in the place of bytes that are not UTF-8. Two names that differ in those alone become one, and two users with them.</summary>
    private const char Lost = '\uFFFD';

    /// <summary>Why one of these columns of a record cannot be taken; null when all can.</summary>
    public static string? Problem(OldRow row, params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
        {
            if (row.Columns.GetValueOrDefault(column)?.Contains(Lost) == true)
            {
                return $"{column} has the character U+FFFD, which is read where the file is not UTF-8: {HowToExport}";
            }
        }

        return null;
    }
}
