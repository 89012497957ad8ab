namespace Sutra.Embedder.Inference;

/// <summary>Waiting texts of one model and lane, oldest first within each length: a batch's mates are found without looking at all that wait.</summary>
internal sealed class LengthBuckets(int maxLength)
{
    private readonly (PendingText? Oldest, PendingText? Newest)[] _byLength = new (PendingText?, PendingText?)[maxLength + 1];

    public int Count { get; private set; }

    public int MaxLength => _byLength.Length - 1;

    public PendingText? Oldest(int length) => length > 0 && length < _byLength.Length ? _byLength[length].Oldest : null;

    public void Add(PendingText text)
    {
        ref var bucket = ref _byLength[text.Length];
        text.OlderOfLength = bucket.Newest;
        if (bucket.Newest is null)
        {
            bucket.Oldest = text;
        }
        else
        {
            bucket.Newest.NewerOfLength = text;
        }

        bucket.Newest = text;
        Count++;
    }

    public void Remove(PendingText text)
    {
        ref var bucket = ref _byLength[text.Length];
        if (text.OlderOfLength is null)
        {
            bucket.Oldest = text.NewerOfLength;
        }
        else
        {
            text.OlderOfLength.NewerOfLength = text.NewerOfLength;
        }

        if (text.NewerOfLength is null)
        {
            bucket.Newest = text.OlderOfLength;
        }
        else
        {
            text.NewerOfLength.OlderOfLength = text.OlderOfLength;
        }

        text.OlderOfLength = text.NewerOfLength = null;
        Count--;
    }
}
