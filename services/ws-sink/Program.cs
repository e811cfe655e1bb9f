using CallMirror.ServiceDefaults;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.WsSink;

// Without the host's own defaults: they watch the working directory for changed settings, and every write of audio below it would be a notice.
var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });

// Sink__Directory=/audio Sink__Host=0.0.0.0 Sink__Port=8765 Sink__PagePort=8080 Logging__LogLevel__Default=Debug
builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
builder.AddServiceDefaults();

// Why it can't start is said below, in a sentence.
builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
builder.AddSink();

try
{
    return await builder.Build().RunServiceAsync();
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"ws-sink can't start: {e.Message}");
    return 1;
}
