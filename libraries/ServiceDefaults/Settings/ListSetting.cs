using Microsoft.Extensions.Configuration;

namespace CallMirror.ServiceDefaults.Settings;

/// <summary>Settings that are lists: <c>a,b,c</c>, or one entry a number (<c>Name__0=a</c>).</summary>
public static class ListSetting
{
    /// <summary>The entries; null where the setting is not there at all. The binder would add them to the defaults.</summary>
    public static string[]? Read(IConfiguration section, string name)
    {
        var setting = section.GetSection(name);
        if (setting.Value is { } text)
            return text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var entries = setting.GetChildren().Select(entry => entry.Value).OfType<string>().ToArray();
        return entries.Length == 0 ? null : entries;
    }
}
