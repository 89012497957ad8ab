namespace Sutra.Tests.Storage.Lexical;

/// <summary>Seeded texts of all kinds of UTF-16: scripts mixed, marks in heaps, halves of surrogate pairs, noncharacters.</summary>
internal static class AnyText
{
    private const string Telling = "aZ9'’.,:;-_@&+#/ \r\n\t\"\u00AD\u200D\u200B\uFEFF\u0301\u0308ßﬁİıŉΐᾳ½²№\uFDFA한글가각\u1100\u1161カヌ゙漢字々ไทยשָׁאبּِ\uD83D\uDE00\uD800\uDC00\uDFFF\uFFFE\uFFFF\0";

    public static string Next(Random random)
    {
        var text = new char[random.Next(80)];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = random.Next(3) == 0 ? (char)random.Next(0x10000) : Telling[random.Next(Telling.Length)];
        }

        return new string(text);
    }
}
