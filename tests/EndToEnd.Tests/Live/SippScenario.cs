namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>A plain call, as SIPp makes it.</summary>
internal static class SippScenario
{
    private const string Head = """
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:phone@[local_ip]>;tag=[call_number]
        Call-ID: [call_id]
        Contact: <sip:phone@[local_ip]:[local_port]>
        Max-Forwards: 70
        """;

    /// <summary>All calls announce the same media port.</summary>
    public static string Text(int mediaPort, int talkMs) => $"""
        <?xml version="1.0" encoding="ISO-8859-1" ?>
        <scenario name="call">
        <send retrans="500"><![CDATA[
        INVITE sip:pbx@[remote_ip]:[remote_port] SIP/2.0
        {Head}
        To: <sip:pbx@[remote_ip]>
        CSeq: 1 INVITE
        Content-Type: application/sdp
        Content-Length: [len]

        v=0
        o=- 1 1 IN IP4 [local_ip]
        s=-
        c=IN IP4 [local_ip]
        t=0 0
        m=audio {mediaPort} RTP/AVP 8
        a=rtpmap:8 PCMA/8000
        ]]></send>
        <recv response="100" optional="true"/>
        <recv response="180" optional="true"/>
        <recv response="200"/>
        <send><![CDATA[
        ACK sip:pbx@[remote_ip]:[remote_port] SIP/2.0
        {Head}
        To: <sip:pbx@[remote_ip]>[peer_tag_param]
        CSeq: 1 ACK
        Content-Length: 0

        ]]></send>
        <pause milliseconds="{talkMs}"/>
        <send retrans="500"><![CDATA[
        BYE sip:pbx@[remote_ip]:[remote_port] SIP/2.0
        {Head}
        To: <sip:pbx@[remote_ip]>[peer_tag_param]
        CSeq: 2 BYE
        Content-Length: 0

        ]]></send>
        <recv response="200"/>
        </scenario>
        """;
}
