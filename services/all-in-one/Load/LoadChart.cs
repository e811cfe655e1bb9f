using System.Globalization;
using System.Text;

namespace CallMirror.AllInOne.Load;

/// <summary>Draws a load as SVG, over time: latency, what waits in queues, and the memory of each process.</summary>
internal static class LoadChart
{
    private const int Width = 760;
    private const int Left = 64;
    private const int Right = 24;
    private const int PanelHeight = 150;
    private const int LatencyTop = 56;
    private const int DepthTop = 262;
    private const int MemoryTop = 468;
    private const int Height = 658;
    private const int LegendWidth = 76;
    private const double Megabyte = 1e6;
    private const int GridLines = 4;

    private static readonly int[] Round = [1, 2, 5, 10];
    private static readonly string[] Colours = ["#c0392b", "#2471a3", "#1e8449", "#b9770e", "#7d3c98", "#707b7c", "#17a589", "#a04000"];

    /// <summary>The SVG document.</summary>
    public static string Draw(LoadResult result)
    {
        var svg = new StringBuilder();
        double end = Math.Max(1, result.Samples.Select(sample => sample.Second).DefaultIfEmpty(1).Max());
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>");
        Line(svg, $"<text x=\"{Left}\" y=\"22\" font-size=\"15\">{result.Plan.Calls} calls, {result.Shape}: {result.Lost} samples lost, p50 {result.Latency.P50 ?? 0} ms, p99 {result.Latency.P99 ?? 0} ms</text>");
        Panel(svg, LatencyTop, end, "packet to listener, ms", [
            ("p99", "#c0392b", Points(result, sample => sample.P99)),
            ("p50", "#2471a3", Points(result, sample => sample.P50)),
        ]);
        Panel(svg, DepthTop, end, "messages in queues", [
            ("lanes", "#1e8449", Points(result, sample => sample.Depths.Lanes)),
            ("work", "#b9770e", Points(result, sample => sample.Depths.Work)),
            ("SIP", "#7d3c98", Points(result, sample => sample.Depths.Sip)),
        ]);
        Panel(svg, MemoryTop, end, "memory, MB", Memory(result));
        Line(svg, $"<text x=\"{Width - Right}\" y=\"{Height - 8}\" text-anchor=\"end\">seconds</text>");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The least round number that is not below a value: 1, 2 or 5 times a power of ten.</summary>
    internal static double RoundUp(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, value))));
        return Round.Select(times => times * power).First(round => round >= Math.Max(1, value));
    }

    private static List<(double Second, double Value)> Points(LoadResult result, Func<LoadSample, double?> value) =>
        [.. result.Samples.Where(sample => value(sample) is not null).Select(sample => (sample.Second, value(sample)!.Value))];

    private static (string Name, string Colour, List<(double Second, double Value)> Points)[] Memory(LoadResult result) =>
        [.. result.Processes.Select((process, i) => (process.Name, Colours[i % Colours.Length], Points(result, sample => sample.BytesOf(process.Name) / Megabyte)))];

    private static void Panel(StringBuilder svg, int top, double end, string title, (string Name, string Colour, List<(double Second, double Value)> Points)[] lines)
    {
        double max = RoundUp(lines.SelectMany(line => line.Points).Select(point => point.Value).DefaultIfEmpty(1).Max());
        Line(svg, $"<text x=\"{Left}\" y=\"{top - 10}\">{title}</text>");
        for (int i = 0; i <= GridLines; i++)
        {
            int y = top + (PanelHeight * i / GridLines);
            Line(svg, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#ddd\"/>");
            Line(svg, $"<text x=\"{Left - 6}\" y=\"{y + 4}\" text-anchor=\"end\">{max * (GridLines - i) / GridLines:0.##}</text>");
            Line(svg, $"<text x=\"{X(end * i / GridLines, end):0}\" y=\"{top + PanelHeight + 16}\" text-anchor=\"middle\">{end * i / GridLines:0.#}</text>");
        }

        for (int i = 0; i < lines.Length; i++)
        {
            Line(svg, $"<polyline fill=\"none\" stroke=\"{lines[i].Colour}\" stroke-width=\"1.5\" points=\"{Path(lines[i].Points, top, end, max)}\"/>");
            Line(svg, $"<text x=\"{Width - Right - (LegendWidth * (lines.Length - 1 - i))}\" y=\"{top - 10}\" text-anchor=\"end\" fill=\"{lines[i].Colour}\">{lines[i].Name}</text>");
        }
    }

    // Of an hour, what is worst in each pixel.
    private static string Path(List<(double Second, double Value)> points, int top, double end, double max) =>
        string.Join(' ', points.GroupBy(point => (int)X(point.Second, end)).Select(pixel => pixel.MaxBy(point => point.Value)).Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Second, end):0.#},{top + (PanelHeight * (1 - (point.Value / max))):0.#}")));

    private static double X(double second, double end) => Left + ((Width - Left - Right) * second / end);

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
