using System.Numerics;
using System.Runtime.InteropServices;
using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Caching;

/// <summary>The embeddings used last, in this process, within a bound of bytes. Shards of it lock for themselves.</summary>
internal sealed class VectorLru
{
    // Node, array header, dictionary slot and its share of free ones: about this much beside the vector itself.
    public const int OverheadBytes = 200;

    private const int MaxShards = 32;
    private const long LeastShardBytes = 256 * 1024;

    private readonly Shard[] _shards;

    /// <param name="maxBytes">0: keeps nothing.</param>
    public VectorLru(long maxBytes)
    {
        var shards = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(maxBytes / (2 * LeastShardBytes), 1, MaxShards));
        _shards = new Shard[shards];
        for (var i = 0; i < shards; i++)
        {
            _shards[i] = new Shard(maxBytes / shards);
        }
    }

    public long Bytes => _shards.Sum(shard => shard.Bytes);

    public bool TryGet(VectorKey key, out TextEmbedding embedding) => ShardOf(key).TryGet(key, out embedding);

    /// <param name="key">Of an embedding that has values.</param>
    /// <param name="embedding">Its vector must not be written to any more.</param>
    public void Set(VectorKey key, TextEmbedding embedding) => ShardOf(key).Set(key, embedding);

    // The dictionary uses the low bits of the other half.
    private Shard ShardOf(VectorKey key) => _shards[(int)key.Second & (_shards.Length - 1)];

    private sealed class Shard(long maxBytes)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<VectorKey, Node> _nodes = [];
        private readonly Node _ends = new();
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);

        public bool TryGet(VectorKey key, out TextEmbedding embedding)
        {
            lock (_lock)
            {
                if (!_nodes.TryGetValue(key, out var node))
                {
                    embedding = default;
                    return false;
                }

                if (_ends.Next != node)
                {
                    Unlink(node);
                    LinkFirst(node);
                }

                embedding = node.Embedding;
                return true;
            }
        }

        public void Set(VectorKey key, TextEmbedding embedding)
        {
            var size = SizeOf(embedding);
            if (size > maxBytes)
            {
                return;
            }

            lock (_lock)
            {
                ref var node = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodes, key, out var isThere);
                if (isThere)
                {
                    _bytes -= SizeOf(node!.Embedding);
                    Unlink(node);
                }
                else
                {
                    node = new Node { Key = key };
                }

                node.Embedding = embedding;
                LinkFirst(node);
                _bytes += size;
                while (_bytes > maxBytes)
                {
                    var oldest = _ends.Previous;
                    Unlink(oldest);
                    _nodes.Remove(oldest.Key);
                    _bytes -= SizeOf(oldest.Embedding);
                }
            }
        }

        private static long SizeOf(in TextEmbedding embedding) => OverheadBytes + ((long)embedding.Values!.Length * sizeof(float));

        private void LinkFirst(Node node)
        {
            node.Next = _ends.Next;
            node.Previous = _ends;
            _ends.Next.Previous = node;
            _ends.Next = node;
        }

        private static void Unlink(Node node)
        {
            node.Previous.Next = node.Next;
            node.Next.Previous = node.Previous;
        }
    }

    // In a ring: the one that belongs to no embedding is both ends.
    private sealed class Node
    {
        public Node()
        {
            Next = this;
            Previous = this;
        }

        public VectorKey Key { get; init; }

        public TextEmbedding Embedding { get; set; }

        public Node Next { get; set; }

        public Node Previous { get; set; }
    }
}
