using CallMirror.ServiceDefaults.Settings;
using Microsoft.Extensions.Configuration;

namespace CallMirror.ServiceDefaults.Tests;

public sealed class UnknownSettingsTests
{
    private static readonly string[] Asked = ["CallMirror:Gateway:Url", "CallMirror:Gateway:Group", "CallMirror:Gateway:Headers", "CallMirror:Gateway:Headers:X-Tenant", "Logging:LogLevel"];

    [Theory]
    [InlineData("CallMirror:Gateway:Urll", "The setting CallMirror__Gateway__Urll is not known; is CallMirror__Gateway__Url meant?")]
    [InlineData("CallMirror:Gatway:Url", "The setting CallMirror__Gatway__Url is not known; is CallMirror__Gateway__Url meant?")]
    [InlineData("CallMirror:Brokr:Uri", "The setting CallMirror__Brokr__Uri is not known; is CallMirror__Broker__Uri meant?")]
    [InlineData("CallMirror:Gateway:Something", "The setting CallMirror__Gateway__Something is not known; all settings are in docs/operations.md")]
    public void One_that_nobody_asks_for_is_named_with_what_may_be_meant(string key, string sentence) =>
        Assert.Equal(sentence, Assert.Single(UnknownSettings.Of([key, "CallMirror:Gateway:Url", "PATH"], Asked)));

    [Theory]
    [InlineData("callmirror:gateway:url")]
    [InlineData("CallMirror:Gateway:Headers:X-Tenant")]
    [InlineData("CallMirror:Sink:Directory")]
    [InlineData("HOME")]
    public void One_that_is_read_here_or_elsewhere_is_not(string key) => Assert.Empty(UnknownSettings.Of([key], Asked));

    [Fact]
    public void The_environment_knows_what_the_binder_has_asked_for()
    {
        Environment.SetEnvironmentVariable("CallMirror__Gateway__Headers__X-Tenant", "a");
        Environment.SetEnvironmentVariable("CallMirror__Gateway__Wnidow", "1");
        var environment = new WatchedEnvironment();
        var configuration = new ConfigurationBuilder().Add(environment).Build();

        configuration.GetSection("CallMirror:Gateway").Bind(new Bound());

        Assert.Equal(["The setting CallMirror__Gateway__Wnidow is not known; is CallMirror__Gateway__Window meant?"], UnknownSettings.Of(environment.Present, environment.Asked));
        Environment.SetEnvironmentVariable("CallMirror__Gateway__Headers__X-Tenant", null);
        Environment.SetEnvironmentVariable("CallMirror__Gateway__Wnidow", null);
    }

    private sealed class Bound
    {
        public int Window { get; set; }

        public Dictionary<string, string> Headers { get; } = [];
    }
}
