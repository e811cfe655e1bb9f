using CallMirror.WsSink;
using Microsoft.Extensions.Options;

var builder = Host.CreateApplicationBuilder(args);

// In the environment: Sink__Directory=/audio Sink__Host=0.0.0.0 Sink__Port=8765 Sink__PagePort=8080
builder.AddSink();

try
{
    await builder.Build().RunAsync();
    return 0;
}
catch (Exception e) when (e is OptionsValidationException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"ws-sink can't start: {e.Message}");
    return 1;
}
