namespace CallMirror.TestKit.Tracing;

/// <summary>A span as it came over OTLP.</summary>
/// <param name="Service">The resource's service.name.</param>
/// <param name="Scope">The activity source.</param>
/// <param name="TraceId">32 digits.</param>
/// <param name="Id">16 digits.</param>
/// <param name="ParentId">16 digits, or none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">1 = internal, 2 = server, 3 = client, 4 = producer, 5 = consumer.</param>
/// <param name="StartNs">Since the Unix epoch.</param>
/// <param name="EndNs">Since the Unix epoch.</param>
/// <param name="IsError">Its status.</param>
/// <param name="Attributes">Texts, numbers (long, double) and truths.</param>
/// <param name="Events">Names and times, in order.</param>
public sealed record ReceivedSpan(
    string Service, string Scope, string TraceId, string Id, string ParentId, string Name, int Kind, long StartNs, long EndNs, bool IsError,
    IReadOnlyDictionary<string, object> Attributes, IReadOnlyList<(string Name, long AtNs)> Events)
{
    /// <summary>What happened to the call, by name.</summary>
    public IEnumerable<string> EventNames => Events.Select(moment => moment.Name);

    /// <summary>A number among the attributes.</summary>
    public long Number(string attribute) => (long)Attributes[attribute];

    /// <summary>A text among the attributes; null where there is none.</summary>
    public string? Text(string attribute) => Attributes.GetValueOrDefault(attribute) as string;
}
