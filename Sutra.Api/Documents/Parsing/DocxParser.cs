using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Sutra.Api.Documents.Parsing;

/// <summary>
/// DOCX (ECMA-376): the paragraphs of <c>word/document.xml</c>, read as a stream, so that what a small file inflates to is never held; it is
/// given up beyond a limit. Offsets are in the text that comes out, one paragraph a line.
/// </summary>
internal static class DocxParser
{
    private const string Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    private const string StrictWord = "http://purl.oclc.org/ooxml/wordprocessingml/main";
    private const string Body = "word/document.xml";

    /// <param name="maxInflated">Most bytes that its text part may inflate to.</param>
    /// <exception cref="UnreadableDocumentException">It is none, or too large.</exception>
    public static IReadOnlyList<Passage> Parse(byte[] source, long maxInflated)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(source, writable: false), ZipArchiveMode.Read);
            var body = archive.GetEntry(Body) ?? throw new UnreadableDocumentException($"It is no DOCX: {Body} is missing.");
            using var inflated = new LimitedStream(body.Open(), maxInflated);
            return Read(inflated);
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or NotSupportedException)
        {
            throw new UnreadableDocumentException("It is no DOCX that can be read.");
        }
    }

    private static IReadOnlyList<Passage> Read(Stream body)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        using var xml = XmlReader.Create(body, settings);
        var passages = new PassageBuilder();
        var paragraph = new StringBuilder();
        var (level, offset, hidden) = (0, 0, 0);
        while (xml.Read())
        {
            if (xml.NamespaceURI is not (Word or StrictWord))
            {
                continue;
            }

            if (xml.NodeType == XmlNodeType.Element)
            {
                switch (xml.LocalName)
                {
                    case "pStyle":
                        level = HeadingLevel(xml.GetAttribute("val", xml.NamespaceURI));
                        break;
                    case "outlineLvl" when int.TryParse(
                        xml.GetAttribute("val", xml.NamespaceURI), NumberStyles.None, CultureInfo.InvariantCulture, out var outline) && outline is >= 0 and < 9:
                        level = outline + 1;
                        break;
                    case "del" or "moveFrom" when !xml.IsEmptyElement:
                        hidden++;
                        break;
                    case "t" when hidden == 0 && !xml.IsEmptyElement:
                        xml.Read();
                        paragraph.Append(xml.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace ? xml.Value : "");
                        break;
                    case "tab" or "br" or "cr":
                        paragraph.Append(' ');
                        break;
                    default:
                        break;
                }
            }
            else if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName is "del" or "moveFrom")
            {
                hidden--;
            }
            else if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "p")
            {
                var text = paragraph.ToString();
                if (level > 0)
                {
                    passages.Heading(level, text);
                }
                else
                {
                    passages.Text.Append(text, offset);
                    passages.EndBlock(offset + text.Length);
                }

                offset += text.Length + 1;
                paragraph.Clear();
                level = 0;
            }
        }

        return passages.End();
    }

    // Ids of the built-in styles; "Heading1" whatever the language of the menu in files that Word writes in English.
    private static int HeadingLevel(string? style) => style switch
    {
        "Title" => 1,
        { Length: 8 } when style.StartsWith("Heading", StringComparison.OrdinalIgnoreCase) && char.IsAsciiDigit(style[7]) && style[7] != '0' => style[7] - '0',
        _ => 0,
    };

    private sealed class LimitedStream(Stream inner, long limit) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            _read += read;
            return _read > limit ? throw new UnreadableDocumentException($"Its text inflates to more than {limit} bytes.") : read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
