using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CallMirror.WsGateway.Connections;

/// <summary>The way to a listener, below the WebSocket: what leads to its host, and TLS where the URL says <c>wss</c> (RFC 6455 §4.1, points 2 to 5).</summary>
internal static class ListenerSocket
{
    /// <summary>Connects to the first address of the host that answers. Who gets the stream owns the socket.</summary>
    /// <exception cref="Exception">One of those that <see cref="ConnectionFailure.IsExpected"/> knows; nothing is left open then.</exception>
    public static async Task<Stream> ConnectAsync(Uri url, WsGatewayOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = await ListenerRoute.OpenAsync(url, options, time, cancellationToken);
        return url.Scheme == "wss" ? await Tls.OverAsync(connection, () => TlsTo(url, options), cancellationToken) : connection;
    }

    private static SslClientAuthenticationOptions TlsTo(Uri url, WsGatewayOptions options)
    {
        // Where a header names another host than the URL, that one is meant, and has the certificate.
        string host = Uri.TryCreate($"wss://{UpgradeRequest.Host(url, options)}", UriKind.Absolute, out var named) ? named.IdnHost : url.IdnHost;
        var tls = new SslClientAuthenticationOptions { TargetHost = host };
        if (options.CaFile is { } file)
            tls.CertificateChainPolicy = Trusting(file);
#pragma warning disable CA5359 // Only where the options say so.
        if (options.AcceptAnyCertificate)
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return tls;
    }

    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
