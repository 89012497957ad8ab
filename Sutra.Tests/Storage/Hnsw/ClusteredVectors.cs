using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Hnsw;

/// <summary>Seeded vectors in clusters of uneven width, as embeddings of texts are, and the truth about them by exact comparison.</summary>
internal sealed class ClusteredVectors
{
    private const int Clusters = 20;
    private const int Latent = 12;

    private readonly List<float[]> _rows = [];

    public ClusteredVectors(int count, int dimension, int seed = 1, int queries = 100)
    {
        Dimension = dimension;
        var random = new Random(seed);
        var map = Enumerable.Range(0, Latent).Select(_ => Gaussian(random, dimension)).ToArray();
        var centres = Enumerable.Range(0, Clusters).Select(_ => Gaussian(random, Latent)).ToArray();
        for (var i = 0; i < count + queries; i++)
        {
            var cluster = random.Next(Clusters);
            var noise = Gaussian(random, Latent);
            var row = Gaussian(random, dimension);
            for (var d = 0; d < dimension; d++)
            {
                row[d] *= 0.1f;
            }

            for (var l = 0; l < Latent; l++)
            {
                var z = centres[cluster][l] + noise[l] * (0.5f + cluster * 0.05f);
                for (var d = 0; d < dimension; d++)
                {
                    row[d] += z * map[l][d];
                }
            }

            UnitVector.Normalise(row);
            if (i < count)
            {
                _rows.Add(row);
                Cluster.Add(cluster);
            }
            else
            {
                Queries.Add(row);
            }
        }
    }

    public int Dimension { get; }

    public int Count => _rows.Count;

    public List<float[]> Queries { get; } = [];

    public List<int> Cluster { get; } = [];

    public float[] this[int row] => _rows[row];

    public void Append(float[] row)
    {
        _rows.Add(row);
        Cluster.Add(-1);
    }

    public float[] Flat() => [.. _rows.SelectMany(row => row)];

    public HnswIndex Build(HnswOptions? options = null, int threads = 1)
    {
        var index = new HnswIndex(options ?? new HnswOptions { Dimension = Dimension });
        index.AddRange(Flat(), threads);
        return index;
    }

    /// <summary>The score of the k-th best row that is allowed.</summary>
    public float Threshold(float[] query, int k, Func<int, bool>? allowed = null) =>
        Enumerable.Range(0, Count).Where(allowed ?? (_ => true)).Select(row => FloatKernels.Dot(query, _rows[row])).OrderDescending().Take(k).Last();

    /// <summary>The share of the true k best that searches find. Judged by scores, so that any of equal ones counts.</summary>
    public double Recall(HnswIndex index, HnswQuery request, Func<int, bool>? allowed = null)
    {
        var results = new Neighbour[request.K];
        var hits = 0;
        foreach (var query in Queries)
        {
            var found = index.Search(query, request, results);
            var threshold = Threshold(query, request.K, allowed) - 1e-6f;
            hits += results.AsSpan(0, found).ToArray().Count(hit => hit.Score >= threshold);
        }

        return hits / (double)(request.K * Queries.Count);
    }

    private static float[] Gaussian(Random random, int length)
    {
        var numbers = new float[length];
        for (var i = 0; i < length; i++)
        {
            numbers[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return numbers;
    }
}
