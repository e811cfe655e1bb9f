using CallMirror.ServiceDefaults.Prometheus;

namespace CallMirror.ServiceDefaults.Tests.Prometheus;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("callmirror.capture.packets", "{packet}", nameof(PrometheusType.Counter), "callmirror_capture_packets_total")]
    [InlineData("callmirror.gateway.latency", "s", nameof(PrometheusType.Histogram), "callmirror_gateway_latency_seconds")]
    [InlineData("callmirror.transcoder.output", "By", nameof(PrometheusType.Counter), "callmirror_transcoder_output_bytes_total")]
    [InlineData("callmirror.capture.calls", "{call}", nameof(PrometheusType.Gauge), "callmirror_capture_calls")]
    [InlineData("sent_bytes_total", "By", nameof(PrometheusType.Counter), "sent_bytes_total")]
    [InlineData("rate", "By/s", nameof(PrometheusType.Gauge), "rate_bytes_per_second")]
    [InlineData("share", "1", nameof(PrometheusType.Gauge), "share_ratio")]
    [InlineData("tries", "1", nameof(PrometheusType.Counter), "tries_total")]
    [InlineData("fan/speed", "rpm", nameof(PrometheusType.Gauge), "fan_speed_rpm")]
    [InlineData("a..b__c-", null, nameof(PrometheusType.Gauge), "a_b_c_")]
    [InlineData("2nd", "", nameof(PrometheusType.Gauge), "_2nd")]
    [InlineData("", "", nameof(PrometheusType.Counter), "_total")]
    public void A_family_has_its_unit_and_total_behind_its_name(string name, string? unit, string type, string expected) =>
        Assert.Equal(expected, PrometheusNames.Family(name, unit, Enum.Parse<PrometheusType>(type)));

    [Theory]
    [InlineData("service.name", "service_name")]
    [InlineData("__reserved", "_reserved")]
    [InlineData("a:b", "a_b")]
    [InlineData("2", "key_2")]
    [InlineData("", "key_")]
    [InlineData("le", "exported_le")]
    public void A_label_is_letters_digits_and_underscores(string key, string expected) => Assert.Equal(expected, PrometheusNames.Label(key));
}
