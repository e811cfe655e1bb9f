using System.CommandLine;
using CallMirror.AllInOne.Load;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture.Synthetic;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>load</c>: what this machine carries.</summary>
internal static class LoadCommand
{
    private const int DefaultSeconds = 60;
    private const int CallsASecond = 50;
    private const int MaxOfAKind = 64;

    public static Command Create()
    {
        var calls = CommonOptions.Number("--calls", "Calls at once.", 50);
        var seconds = CommonOptions.Number("--seconds", "Seconds of audio of each.", DefaultSeconds);
        var ramp = new Option<int?>("--ramp") { Description = $"Seconds from the first call to the last; without it, {CallsASecond} calls a second.", CustomParser = CommonOptions.ParseNumber, HelpName = "N" };
        var broker = new Option<string?>("--broker") { Description = "RabbitMQ with nothing else on it, amqp://user:password@host:5672/vhost: the services as processes of their own. Without it, all in this process.", HelpName = "URI" };
        var transient = new Option<bool>("--transient") { Description = "Queues and messages that do not outlive the broker." };
        var transcoders = CommonOptions.Number("--transcoders", "Transcoder processes.", 1);
        var gateways = CommonOptions.Number("--gateways", "Gateway processes.", 1);
        var beside = new Option<string?>("--beside")
        {
            Description = "Listeners that are not as they should be, beside the one that measures: refuse, hang, slow, separated by commas. Without --broker only.",
            HelpName = "TROUBLES",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object on stdout, instead of tables." };
        var chart = new Option<string?>("--chart") { Description = "Draw latency and queues over time.", HelpName = "FILE.svg" };
        var command = new Command("load", "Make up calls and push them through the real pipeline in real time, to a listener that measures; ends with what the machine carries.")
        {
            calls, seconds, ramp, broker, transient, transcoders, gateways, beside, json, chart,
        };
        command.SetAction((parsed, stopping) => RunAsync(
            new LoadOptions
            {
                Plan = Plan(parsed.GetValue(calls), parsed.GetValue(seconds), parsed.GetValue(ramp)),
                Broker = parsed.GetValue(broker) is { } uri ? Broker(uri) : null,
                IsTransient = parsed.GetValue(transient),
                Transcoders = Count(parsed.GetValue(transcoders), "transcoders"),
                Gateways = Count(parsed.GetValue(gateways), "gateways"),
                Beside = Beside(parsed.GetValue(beside), parsed.GetValue(broker)),
            },
            parsed.GetValue(json),
            parsed.GetValue(chart),
            CommandOutput.Standard,
            stopping));
        return command;
    }

    /// <summary>Runs a load, writes what it showed, and returns the exit code.</summary>
    /// <exception cref="CommandException">Samples were lost, or the pipeline broke; the report has been written.</exception>
    internal static async Task<int> RunAsync(LoadOptions options, bool json, string? chart, CommandOutput output, CancellationToken stopping)
    {
        await using var drawing = chart is null ? null : new StreamWriter(Files.Create(chart));
        var result = await new LoadRun(options, output, TimeProvider.System).ExecuteAsync(stopping);
        LoadReport.Write(output, json, result);
        if (drawing is not null)
            await drawing.WriteAsync(LoadChart.Draw(result));
        return result.Failure is { } failure ? throw new CommandException(failure) : 0;
    }

    private static LoadPlan Plan(int calls, int seconds, int? ramp)
    {
        var plan = new LoadPlan { Calls = calls, Seconds = seconds, Ramp = TimeSpan.FromSeconds(ramp ?? Math.Min((calls + CallsASecond - 1) / CallsASecond, Math.Max(0, seconds / 2))) };
        return plan.Problem is { } problem ? throw new CommandException(problem) : plan;
    }

    private static Trouble[] Beside(string? text, string? broker)
    {
        string[] words = text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words.Length > 0 && broker is not null)
            throw new CommandException("--beside is for a load without --broker, where all gateways share a process");
        return [.. words.Select(Named).Distinct()];
    }

    private static Trouble Named(string word) => word switch
    {
        "refuse" => Trouble.Refuse,
        "hang" => Trouble.Hang,
        "slow" => Trouble.Slow,
        _ => throw new CommandException($"'{word}' is no trouble that a listener can have here; say refuse, hang or slow"),
    };

    private static Uri Broker(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? uri
            : throw new CommandException("--broker must look like amqp://user:password@host:5672/vhost");

    private static int Count(int number, string what) =>
        number is >= 1 and <= MaxOfAKind ? number : throw new CommandException($"{number} {what} are not possible; say 1 to {MaxOfAKind}");
}
