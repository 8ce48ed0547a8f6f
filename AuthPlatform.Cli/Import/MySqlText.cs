using System.Text;

namespace AuthPlatform.Cli.Import;

/// <summary>The words, names and values of MySQL's SQL, one after another. What is not as it must be is a <see cref="FormatException"/> that says what.</summary>
internal sealed class MySqlText(string text)
{
    private int _at;

    /// <summary>Where the reading is, beginning with 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>A name, quoted or not; of <c>database.table</c> the last part.</summary>
    public string ReadName()
    {
        SkipSpace();
        var name = Peek() == '`' ? ReadQuoted() : ReadWord();
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.Length == 0 && Peek() == '`' ? ReadName() : Take('.') ? ReadName() : name.Length > 0 ? name : throw new FormatException("a name is missing.");
    }

    public string? ReadValue()
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
    public string ReadQuoted()
    {
        var quote = text[_at++];
        var value = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            Line += c == '\n' ? 1 : 0;
            if (c == quote)
            {
                _at++;
                if (Peek() != quote)
                {
                    return value.ToString();
                }
            }
            else if (c == '\\' && quote != '`' && _at + 1 < text.Length)
            {
                _at++;
                Line += text[_at] == '\n' ? 1 : 0;
                c = Unescape(text[_at]);
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
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '$' or '-' or '+' or '.'))
        {
            _at++;
        }

        return text[start.._at];
    }

    public char Peek() => _at < text.Length ? text[_at] : '\0';

    public void Skip() => _at++;

    public bool Take(char c)
    {
        if (!SkipSpace() || text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    public bool TakeWord(string word)
    {
        if (!SkipSpace() || string.Compare(text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0)
        {
            return false;
        }

        var end = _at + word.Length;
        if (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            return false;
        }

        _at = end;
        return true;
    }

    /// <summary>White space and comments; false at the end.</summary>
    public bool SkipSpace()
    {
        while (_at < text.Length)
        {
            var rest = text.AsSpan(_at);
            var length = char.IsWhiteSpace(rest[0]) ? 1
                : rest[0] == '#' || rest.StartsWith("-- ") || rest.StartsWith("--\n") || rest.StartsWith("--\r") ? Until(rest, "\n")
                : rest.StartsWith("/*") ? Until(rest, "*/")
                : 0;
            if (length == 0)
            {
                return true;
            }

            Line += rest[..length].Count('\n');
            _at += length;
        }

        return false;
    }

    private static int Until(ReadOnlySpan<char> text, string end) => text.IndexOf(end) is var at and >= 0 ? at + end.Length : text.Length;

    public void SkipStatement()
    {
        while (SkipSpace())
        {
            switch (text[_at])
            {
                case ';': _at++; return;
                case '\'' or '"' or '`': ReadQuoted(); break;
                default: _at++; break;
            }
        }
    }
}
