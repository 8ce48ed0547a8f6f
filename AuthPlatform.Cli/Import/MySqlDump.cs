namespace AuthPlatform.Cli.Import;

/// <summary>
/// The INSERT statements of a mysqldump, and the CREATE TABLE statements for those that name no columns. Nothing is carried out, and whatever else the file holds is passed
/// over, strings and comments as what they are.
/// </summary>
internal sealed class MySqlDump
{
    private readonly string _fileName;
    private readonly MySqlText _text;
    private readonly OldRows _result = OldRows.Empty();
    private readonly Dictionary<string, List<string>> _columns = new(StringComparer.OrdinalIgnoreCase);

    private MySqlDump(string fileName, string text) => (_fileName, _text) = (fileName, new MySqlText(text));

    public static OldRows Read(string fileName, string text)
    {
        var dump = new MySqlDump(fileName, text);
        try
        {
            dump.ReadStatements();
        }
        catch (FormatException exception)
        {
            dump._result.Failures.Add($"{fileName}, line {dump._text.Line}: {exception.Message}");
        }

        return dump._result;
    }

    private void ReadStatements()
    {
        while (_text.SkipSpace())
        {
            if (_text.TakeWord("INSERT"))
            {
                _text.TakeWord("IGNORE");
                Require(_text.TakeWord("INTO"), "INTO is missing.");
                ReadInsert();
            }
            else if (_text.TakeWord("CREATE") && _text.TakeWord("TABLE"))
            {
                ReadCreate();
            }

            _text.SkipStatement();
        }
    }

    private void ReadInsert()
    {
        var table = _text.ReadName().ToLowerInvariant();
        var columns = _text.Take('(') ? ReadNames() : _columns.GetValueOrDefault(table);
        Require(_text.TakeWord("VALUES"), "VALUES is missing.");
        do
        {
            _text.SkipSpace();
            var place = $"{_fileName}, line {_text.Line}";
            Require(_text.Take('('), "a row must begin with '('.");
            var values = new List<string?>();
            do
            {
                values.Add(_text.ReadValue());
            }
            while (_text.Take(','));
            Require(_text.Take(')'), "a row must end with ')'.");
            if (columns is null || columns.Count != values.Count)
            {
                _result.Failures.Add($"{place}: {values.Count} values for {(columns is null ? "columns that nothing names" : $"{columns.Count} columns")}.");
            }
            else
            {
                _result.Rows.Add(new OldRow(place, table, columns.Zip(values).ToDictionary(c => c.First, c => c.Second)));
            }
        }
        while (_text.Take(','));
    }

    /// <summary>The columns are what begins with a quoted name; keys and constraints begin with a word.</summary>
    private void ReadCreate()
    {
        if (_text.TakeWord("IF"))
        {
            Require(_text.TakeWord("NOT") && _text.TakeWord("EXISTS"), "IF NOT EXISTS is incomplete.");
        }

        var table = _text.ReadName().ToLowerInvariant();
        if (!_text.Take('('))
        {
            return;
        }

        var columns = _columns[table] = [];
        var depth = 1;
        var isFirst = true;
        while (depth > 0 && _text.SkipSpace())
        {
            if (isFirst && depth == 1 && _text.Peek() == '`')
            {
                columns.Add(_text.ReadName().ToLowerInvariant());
            }

            isFirst = false;
            switch (_text.Peek())
            {
                case '(': depth++; _text.Skip(); break;
                case ')': depth--; _text.Skip(); break;
                case ',': isFirst = depth == 1; _text.Skip(); break;
                case '\'' or '"' or '`': _text.ReadQuoted(); break;
                default: _text.Skip(); break;
            }
        }
    }

    private List<string> ReadNames()
    {
        var names = new List<string>();
        do
        {
            names.Add(_text.ReadName().ToLowerInvariant());
        }
        while (_text.Take(','));
        Require(_text.Take(')'), "a list of columns must end with ')'.");
        return names.Distinct().Count() == names.Count ? names : throw new FormatException("a column is named twice.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
