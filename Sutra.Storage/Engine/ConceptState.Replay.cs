using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Log;

namespace Sutra.Storage.Engine;

// What a start finds in the log.
internal sealed partial class ConceptState
{
    public void Replay(RecordType type, ulong sequence, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case RecordType.Learn:
                ReplayLearn(payload.ToArray(), sequence);
                break;
            case RecordType.SealedLearn:
                var sealedId = ConceptRecord.Id(payload);
                if (_seal.Open(sealedId, ConceptRecord.ReadSealed(payload)) is { } opened)
                {
                    ReplayLearn(opened, sequence);
                }
                else
                {
                    // Erased; what it replaced is as gone as it is.
                    Directory.Remove(sealedId);
                    Delete(sealedId, sequence, erase: true);
                }

                break;
            case RecordType.Delete or RecordType.Erase:
                var id = ConceptRecord.ReadDelete(payload);
                Directory.Remove(id);
                Delete(id, sequence, erase: type == RecordType.Erase);
                break;
        }

        Directory.Applied();
    }

    private void ReplayLearn(byte[] payload, ulong sequence)
    {
        ConceptRecord.CheckHead(payload);
        var model = ConceptRecord.Model(payload);
        var key = _identity.Key(ConceptRecord.ContentBytes(payload));
        Directory.Put(ConceptRecord.Id(payload), key, model, ConceptRecord.Dimension(payload));
        Learn(payload, key, model, sequence, AssociationRecord.Of(payload));
    }
}
