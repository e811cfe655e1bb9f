using System.Net.Security;

namespace CallMirror.WsGateway.Connections;

/// <summary>TLS over a connection, as its client.</summary>
internal static class Tls
{
    /// <summary>Makes it secure. Who gets the stream owns the connection.</summary>
    /// <exception cref="Exception">One of those that <see cref="ConnectionFailure.IsExpected"/> knows; the connection is closed then.</exception>
    public static async Task<Stream> OverAsync(Stream connection, Func<SslClientAuthenticationOptions> options, CancellationToken cancellationToken)
    {
        var secure = new SslStream(connection);
        try
        {
            await secure.AuthenticateAsClientAsync(options(), cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
