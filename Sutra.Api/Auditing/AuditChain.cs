using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sutra.Api.Auditing;

/// <summary>
/// The lines of the audit file. A line is a JSON object whose last member, <c>mac</c>, is HMAC-SHA256 over the predecessor's
/// mac (32 bytes, zeros before the first line) and the line's own bytes before <c>,"mac"</c>.
/// </summary>
internal sealed class AuditChain(string hashKey)
{
    private const int MacBytes = HMACSHA256.HashSizeInBytes;

    // ,"mac":"<64 hex digits>"}
    private const int SuffixLength = 8 + (2 * MacBytes) + 2;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(hashKey), 32, info: "sutra audit chain"u8.ToArray());

    private Link _kept = new(0, new byte[MacBytes]);
    private Link _last = new(0, new byte[MacBytes]);

    /// <summary>Lines so far.</summary>
    public long Count => _last.Sequence;

    /// <summary>Writes the next line, with its line feed.</summary>
    public void Append(AuditRecord record, IBufferWriter<byte> output)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, _last.Sequence + 1);
            json.WriteString("time"u8, record.Time.UtcDateTime);
            json.WriteString("id"u8, record.Id);
            json.WriteString("action"u8, record.Action);
            json.WriteString("caller_hash"u8, record.CallerHash);
            json.WriteStartArray("concept_ids"u8);
            foreach (var id in record.ConceptIds)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteString("outcome"u8, record.Outcome);
            json.WriteString("trace_id"u8, record.TraceId);
            json.WriteString("model"u8, record.Model);
            json.WriteEndObject();
        }

        var body = line.WrittenSpan[..^1];
        var mac = Mac(body);
        output.Write(body);
        output.Write(Encoding.ASCII.GetBytes($",\"mac\":\"{Convert.ToHexStringLower(mac)}\"}}\n"));
        _last = new Link(_last.Sequence + 1, mac);
    }

    /// <summary>Follows a line that is already there.</summary>
    /// <returns>False when it is not the line that belongs here.</returns>
    public bool TryFollow(ReadOnlySpan<byte> line)
    {
        if (line.Length <= SuffixLength)
        {
            return false;
        }

        var body = line[..^SuffixLength];
        var suffix = line[^SuffixLength..];
        Span<byte> mac = stackalloc byte[MacBytes];
        if (!suffix.StartsWith(",\"mac\":\""u8)
            || Convert.FromHexString(suffix.Slice(8, 2 * MacBytes), mac, out _, out var written) != OperationStatus.Done
            || written != MacBytes
            || !CryptographicOperations.FixedTimeEquals(mac, Mac(body)))
        {
            return false;
        }

        _last = new Link(_last.Sequence + 1, mac.ToArray());
        return true;
    }

    /// <summary>What was written or followed is on disk.</summary>
    public void Keep() => _kept = _last;

    /// <summary>What was written since <see cref="Keep"/> is not.</summary>
    public void Rewind() => _last = _kept;

    private byte[] Mac(ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(_last.Mac);
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    private sealed record Link(long Sequence, byte[] Mac);
}
