using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace CallMirror.ServiceDefaults.Tests;

public sealed class LoggingTests
{
    [Fact]
    public void Logs_are_single_lines_in_utc_on_standard_error()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddServiceDefaults();
        using var host = builder.Build();
        var line = host.Services.GetRequiredService<IOptionsMonitor<SimpleConsoleFormatterOptions>>().CurrentValue;
        Assert.True(line is { SingleLine: true, UseUtcTimestamp: true });
        Assert.Equal("2026-03-01T10:20:30.456Z ", new DateTime(2026, 3, 1, 10, 20, 30, 456).ToString(line.TimestampFormat, provider: null));
        var console = host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value;
        Assert.Equal(LogLevel.Trace, console.LogToStandardErrorThreshold);
    }
}
