using System.Text;

namespace AuthPlatform.Cli.Import;

/// <summary>
/// The INSERT statements of a mysqldump, and the CREATE TABLE statements for those that name no columns. Nothing is carried out, and whatever else the file holds is passed
/// over, strings and comments as what they are.
/// </summary>
internal sealed class MySqlDump
{
    private readonly string _fileName;
    private readonly string _text;
    private readonly OldRows _result = OldRows.Empty();
    private readonly Dictionary<string, List<string>> _columns = new(StringComparer.OrdinalIgnoreCase);
    private int _at;
    private int _line = 1;

    private MySqlDump(string fileName, string text) => (_fileName, _text) = (fileName, text);

    public static OldRows Read(string fileName, string text)
    {
        var dump = new MySqlDump(fileName, text);
        try
        {
            dump.ReadStatements();
        }
        catch (FormatException exception)
        {
            dump._result.Failures.Add($"{fileName}, line {dump._line}: {exception.Message}");
        }

        return dump._result;
    }

    private void ReadStatements()
    {
        while (SkipSpace())
        {
            if (TakeWord("INSERT"))
            {
                TakeWord("IGNORE");
                Require(TakeWord("INTO"), "INTO is missing.");
                ReadInsert();
            }
            else if (TakeWord("CREATE") && TakeWord("TABLE"))
            {
                ReadCreate();
            }

            SkipStatement();
        }
    }

    private void ReadInsert()
    {
        var table = ReadName().ToLowerInvariant();
        var columns = Take('(') ? ReadNames() : _columns.GetValueOrDefault(table);
        Require(TakeWord("VALUES"), "VALUES is missing.");
        do
        {
            SkipSpace();
            var place = $"{_fileName}, line {_line}";
            Require(Take('('), "a row must begin with '('.");
            var values = new List<string?>();
            do
            {
                values.Add(ReadValue());
            }
            while (Take(','));
            Require(Take(')'), "a row must end with ')'.");
            if (columns is null || columns.Count != values.Count)
            {
                _result.Failures.Add($"{place}: {values.Count} values for {(columns is null ? "columns that nothing names" : $"{columns.Count} columns")}.");
            }
            else
            {
                _result.Rows.Add(new OldRow(place, table, columns.Zip(values).ToDictionary(c => c.First, c => c.Second)));
            }
        }
        while (Take(','));
    }

    /// <summary>The columns are what begins with a quoted name; keys and constraints begin with a word.</summary>
    private void ReadCreate()
    {
        if (TakeWord("IF"))
        {
            Require(TakeWord("NOT") && TakeWord("EXISTS"), "IF NOT EXISTS is incomplete.");
        }

        var table = ReadName().ToLowerInvariant();
        if (!Take('('))
        {
            return;
        }

        var columns = _columns[table] = [];
        var depth = 1;
        var isFirst = true;
        while (depth > 0 && SkipSpace())
        {
            if (isFirst && depth == 1 && _text[_at] == '`')
            {
                columns.Add(ReadName().ToLowerInvariant());
            }

            isFirst = false;
            switch (Peek())
            {
                case '(': depth++; _at++; break;
                case ')': depth--; _at++; break;
                case ',': isFirst = depth == 1; _at++; break;
                case '\'' or '"' or '`': ReadQuoted(); break;
                default: _at++; break;
            }
        }
    }

    private List<string> ReadNames()
    {
        var names = new List<string>();
        do
        {
            names.Add(ReadName().ToLowerInvariant());
        }
        while (Take(','));
        Require(Take(')'), "a list of columns must end with ')'.");
        return names.Distinct().Count() == names.Count ? names : throw new FormatException("a column is named twice.");
    }

    /// <summary>A name, quoted or not; of <c>database.table</c> the last part.</summary>
    private string ReadName()
    {
        SkipSpace();
        var name = Peek() == '`' ? ReadQuoted() : ReadWord();
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.Length == 0 && Peek() == '`' ? ReadName() : Take('.') ? ReadName() : name.Length > 0 ? name : throw new FormatException("a name is missing.");
    }

    private string? ReadValue()
    {
        SkipSpace();
        if (Peek() == '\'')
        {
            return ReadQuoted();
        }

        var word = ReadWord();
        if (word.StartsWith('_') && SkipSpace() && Peek() == '\'')
        {
            return ReadQuoted();
        }

        return word.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? null
            : word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && word.Length % 2 == 0 && word.Skip(2).All(char.IsAsciiHexDigit) ? Encoding.UTF8.GetString(Convert.FromHexString(word.AsSpan(2)))
            : word.Length > 0 && word.All(c => char.IsAsciiDigit(c) || c is '-' or '+' or '.' or 'e' or 'E') ? word
            : throw new FormatException("a value is neither a string, a number nor NULL.");
    }

    /// <summary>Up to the closing quote, which is written twice or behind a backslash within.</summary>
    private string ReadQuoted()
    {
        var quote = _text[_at++];
        var value = new StringBuilder();
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            _line += c == '\n' ? 1 : 0;
            if (c == quote)
            {
                _at++;
                if (Peek() != quote)
                {
                    return value.ToString();
                }
            }
            else if (c == '\\' && quote != '`' && _at + 1 < _text.Length)
            {
                _at++;
                _line += _text[_at] == '\n' ? 1 : 0;
                c = Unescape(_text[_at]);
            }

            value.Append(c);
        }

        throw new FormatException("a quote is not closed.");
    }

    private static char Unescape(char escaped) => escaped switch
    {
        '0' => '\0',
        'b' => '\b',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'Z' => '\x1A',
        _ => escaped,
    };

    private string ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '$' or '-' or '+' or '.'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private bool Take(char c)
    {
        if (!SkipSpace() || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TakeWord(string word)
    {
        if (!SkipSpace() || string.Compare(_text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0)
        {
            return false;
        }

        var end = _at + word.Length;
        if (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] == '_'))
        {
            return false;
        }

        _at = end;
        return true;
    }

    /// <summary>White space and comments; false at the end.</summary>
    private bool SkipSpace()
    {
        while (_at < _text.Length)
        {
            var rest = _text.AsSpan(_at);
            var length = char.IsWhiteSpace(rest[0]) ? 1
                : rest[0] == '#' || rest.StartsWith("-- ") || rest.StartsWith("--\n") || rest.StartsWith("--\r") ? Until(rest, "\n")
                : rest.StartsWith("/*") ? Until(rest, "*/")
                : 0;
            if (length == 0)
            {
                return true;
            }

            _line += rest[..length].Count('\n');
            _at += length;
        }

        return false;
    }

    private static int Until(ReadOnlySpan<char> text, string end) => text.IndexOf(end) is var at and >= 0 ? at + end.Length : text.Length;

    private void SkipStatement()
    {
        while (SkipSpace())
        {
            switch (_text[_at])
            {
                case ';': _at++; return;
                case '\'' or '"' or '`': ReadQuoted(); break;
                default: _at++; break;
            }
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
