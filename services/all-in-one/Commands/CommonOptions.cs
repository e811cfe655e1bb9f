using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CallMirror.AllInOne.Commands;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<string[]> Pcap()
    {
        var option = new Option<string[]>("--pcap")
        {
            Description = "Capture files (pcap, pcapng, also .gz), read as one in the order of their packets' times.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "FILE...",
        };
        // It takes all that follows, a mistyped option too.
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (token.Value.StartsWith("--", StringComparison.Ordinal))
                    result.AddError($"there is no option {token.Value}");
        });
        return option;
    }

    public static Option<string?> Filter() => new("--filter") { Description = "BPF filter, e.g. \"udp and host 10.0.0.1\".", HelpName = "BPF" };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object a call and stream on stdout, instead of a table." };

    public static Option<string> Speed() =>
        new("--speed") { Description = "1 = real time, N = N times as fast, max = no waiting.", DefaultValueFactory = _ => "1", HelpName = "N|max" };

    public static Option<int> Rate(string description)
    {
        var option = Number("--rate", $"{description}: 16000 or 8000.", 16000);
        option.HelpName = "16000|8000";
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is 8000 or 16000)
                return;
            result.AddError($"{result.Tokens[0].Value} samples a second are not possible; say 16000 or 8000");
        });
        return option;
    }

    /// <summary>Where running calls can be joined.</summary>
    public static Option<int?> Listen() => new("--listen")
    {
        Description = "Port on 127.0.0.1 where running calls are listed (/v1/calls) and can be joined by WebSocket; 0 = a free one.",
        CustomParser = ParseNumber,
        HelpName = "PORT",
    };

    /// <summary>A whole number.</summary>
    public static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, CustomParser = result => ParseNumber(result) ?? value, HelpName = "N" };

    /// <summary>The number that an option was given; where it is none, the result says so in words of ours.</summary>
    public static int? ParseNumber(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            return number;
        result.AddError($"\"{text}\" is not a whole number");
        return null;
    }
}
