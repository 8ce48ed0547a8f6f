using System.CommandLine;

namespace AuthPlatform.LoadGenerator;

/// <summary>How long and how often a command measures, and where it writes its numbers.</summary>
/// <param name="what">What is measured so often: a scenario, a platform.</param>
/// <param name="seconds">The default for each repetition.</param>
/// <param name="repetitions">The default.</param>
/// <param name="warmUp">The default, in seconds.</param>
/// <param name="lanes">The default.</param>
internal sealed class MeasurementOptions(string what, int seconds, int repetitions, int warmUp, int lanes)
{
    private readonly Option<int> _seconds = Number("--seconds", "How long each repetition takes", seconds, least: 1);
    private readonly Option<int> _repetitions = Number("--repetitions", $"How often each {what} is measured", repetitions, least: 1);
    private readonly Option<int> _warmUp = Number("--warm-up", $"Seconds for which each {what} runs before anything counts", warmUp, least: 0);
    private readonly Option<int> _lanes = Number("--lanes", "Operations under way at once", lanes, least: 1);
    private readonly JsonOption _json = new();

    public void AddTo(Command command)
    {
        foreach (var option in new[] { _seconds, _repetitions, _warmUp, _lanes })
        {
            command.Options.Add(option);
        }

        _json.AddTo(command);
    }

    /// <summary>A closed loop, in which no process's use is measured: the rest is up to the command.</summary>
    public Measurement Of(ParseResult arguments) => new(
        arguments.GetValue(_lanes),
        0,
        TimeSpan.FromSeconds(arguments.GetValue(_warmUp)),
        TimeSpan.FromSeconds(arguments.GetValue(_seconds)),
        arguments.GetValue(_repetitions),
        new Dictionary<string, int>(),
        Console.Error.WriteLine);

    /// <summary>Writes the numbers, if that is wanted.</summary>
    public Task WriteJsonAsync(ParseResult arguments, object results, CancellationToken cancellationToken) => _json.WriteAsync(arguments, results, cancellationToken);

    private static Option<int> Number(string name, string description, int byDefault, int least)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.GetValueOrDefault<int>() < least)
            {
                result.AddError($"{name} must be at least {least}");
            }
        });
        return option;
    }
}
