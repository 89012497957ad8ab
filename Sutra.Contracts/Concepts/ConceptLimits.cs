using System.Text;

namespace Sutra.Contracts.Concepts;

/// <summary>
/// What a concept may be, for the api, which says what is wrong, and the storage, which takes nothing else. All lengths are
/// bytes of UTF-8, as <see cref="Bytes"/> counts them.
/// </summary>
public static class ConceptLimits
{
    public const int Content = 1024 * 1024;
    public const int MetadataPairs = 64;
    public const int MetadataKey = 256;
    public const int MetadataValue = 4096;
    public const int Associations = 64;
    public const int AssociationType = 64;
    public const int Owner = 256;

    /// <summary>
    /// Bytes of the largest request over HTTP: room for all of the above with each byte written as a JSON escape of six.
    /// </summary>
    public const int RequestBody = 8 * 1024 * 1024;

    /// <summary>Lone surrogates have no UTF-8: it refuses them rather than replace them, or what is read back would not be what was written.</summary>
    public static UTF8Encoding StrictUtf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null for what <see cref="StrictUtf8"/> refuses.</summary>
    public static int? Bytes(string text)
    {
        try
        {
            return StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
