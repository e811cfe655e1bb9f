using System.ComponentModel.DataAnnotations;
using CallMirror.ServiceDefaults.Startup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CallMirror.ServiceDefaults.Tests;

public sealed class ServiceRunTests
{
    [Fact]
    public async Task Sound_settings_run_until_stopped_and_exit_with_0()
    {
        using var stop = new CancellationTokenSource();
        using var host = Build(new() { ["Tone:Level"] = "3", ["Tone:Name"] = "a" });
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(stop.Cancel);
        Assert.Equal((0, ""), await RunAsync(host, stop.Token));
    }

    [Fact]
    public async Task Each_mistake_is_one_sentence_and_the_exit_code_1()
    {
        var (code, errors) = await RunAsync(Build(new() { ["Tone:Level"] = "11", ["Hum:Level"] = "99" }), TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        string[] expected =
        [
            "Invalid settings: The field Level must be between 0 and 10.",
            "Invalid settings: The Name field is required.",
            "Invalid settings: Hum:Level must be at most 50.",
        ];
        Assert.Equal(expected.Order(), errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task A_setting_of_the_wrong_type_is_named()
    {
        var (code, errors) = await RunAsync(Build(new() { ["Tone:Level"] = "loud" }), TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.Contains("'Tone:Level'", Assert.Single(errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_in_the_background_ends_the_process_with_its_sentence_and_exit_code_1()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHostedService<Failing>();

        var (code, errors) = await RunAsync(builder.Build(), TestContext.Current.CancellationToken);

        Assert.Equal((1, "The wire is cut."), (code, errors.Trim()));
    }

    [Fact]
    public void Other_exceptions_are_not_explained_away()
    {
        Assert.False(OptionsErrors.TryExplain(new InvalidOperationException("a bug"), out _));
        Assert.False(OptionsErrors.TryExplain(new AggregateException(new IOException("disk")), out _));
    }

    private static async Task<(int Code, string Errors)> RunAsync(IHost host, CancellationToken cancellationToken)
    {
        using var errors = new StringWriter();
        return (await ServiceRun.RunServiceAsync(host, begin: null, errors, cancellationToken), errors.ToString());
    }

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddOptions<Tone>().BindConfiguration("Tone").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<Hum>().BindConfiguration("Hum").Validate(hum => hum.Level <= 50, "Hum:Level must be at most 50.").ValidateOnStart();
        return builder.Build();
    }

    internal sealed class Tone
    {
        [Range(0, 10)]
        public int Level { get; set; }

        [Required]
        public string? Name { get; set; }
    }

    internal sealed class Hum
    {
        public int Level { get; set; }
    }

    private sealed class Failing : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new IOException("The wire is cut");
        }
    }
}
