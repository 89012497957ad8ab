using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    // Vectors nearer than this share one place in the graph. Many equal ones would otherwise fill each other's links and become an
    // island that nothing leads out of, and rounding makes equal texts differ by some 1e-7.
    private const float TwinDistance = 1e-6f;

    // Of the nearest found, how many are compared with a new vector to see whether they are its twins.
    private const int TwinChecks = 8;

    // Code distances of twins differ at most by what rounding to codes can do to both.
    private const float TwinCodeMargin = 1e-3f;

    // A graph this small is built by one thread: threads that add at once do not see each other's vectors.
    private const uint SequentialStart = 1024;

    /// <summary>Adds a vector at length one.</summary>
    /// <param name="vector">As many finite numbers as the index has dimensions, not all zero.</param>
    /// <returns>Its slot.</returns>
    /// <exception cref="InvalidVectorException">It is none such; nothing was added.</exception>
    public uint Add(ReadOnlySpan<float> vector)
    {
        var scratch = _scratches.Rent();
        try
        {
            UnitVector.Write(vector, _options.Dimension, scratch.Query);
            var slot = Reserve(out var level);
            scratch.Query.CopyTo(new Span<float>(_rows.Vectors[slot], scratch.Query.Length));
            if (_options.Codes)
            {
                *(float*)_rows.Scales[slot] = Int8Codec.Encode(_rows.Vector(slot), new Span<sbyte>(_rows.Codes[slot], _rows.Codes.Stride));
            }

            Volatile.Write(ref *_rows.Levels[slot], (byte)level);
            if (_options is { Codes: true, BuildOnCodes: true })
            {
                Link(slot, level, new CodeScorer(_rows), scratch);
            }
            else
            {
                Link(slot, level, new FloatScorer(_rows), scratch);
            }

            return slot;
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    /// <summary>Adds vectors with several threads. With one, their slots follow each other in their order; with more, nearly so.</summary>
    /// <param name="vectors">One after the other, without padding.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="added">Told each vector's number in <paramref name="vectors"/> and its slot, by any of the threads.</param>
    /// <exception cref="InvalidVectorException">One of them cannot be added; others may have been.</exception>
    public void AddRange(ReadOnlyMemory<float> vectors, int threads, Action<int, uint>? added = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var dimension = _options.Dimension;
        if (vectors.Length % dimension != 0)
        {
            throw new InvalidVectorException(VectorFault.WrongDimension, $"{vectors.Length} numbers are no whole vectors of {dimension} dimensions.");
        }

        var total = vectors.Length / dimension;
        var first = 0;
        for (; first < total && (threads == 1 || Count < SequentialStart); first++)
        {
            AddOne(first);
        }

        try
        {
            Parallel.For(first, total, new ParallelOptions { MaxDegreeOfParallelism = threads }, AddOne);
        }
        catch (AggregateException failures) when (failures.InnerException is InvalidVectorException refused)
        {
            throw new InvalidVectorException(refused.Fault, refused.Message);
        }

        void AddOne(int number)
        {
            var slot = Add(vectors.Span.Slice(number * dimension, dimension));
            added?.Invoke(number, slot);
        }
    }

    // Algorithm 1 of the paper. A slot becomes reachable with its first link back, and by then all its own lists are written, so
    // that a walk that comes down through it finds a way on.
    private void Link<TScorer>(uint slot, int level, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var ownsEntry = false;
        try
        {
            if (Volatile.Read(ref _entry) is var seen && (seen == GraphView.None || level > (int)(seen >> 32)))
            {
                // One at a time: two that raise the top at once would not find each other up there.
                _entryLock.Enter();
                ownsEntry = true;
            }

            var view = View;
            if (view.Entry != GraphView.None && !LinkInto(view, slot, level, scorer, scratch))
            {
                return;
            }

            if (ownsEntry && (view.Entry == GraphView.None || level > view.TopLevel))
            {
                Volatile.Write(ref _entry, (ulong)level << 32 | slot);
            }
        }
        finally
        {
            if (ownsEntry)
            {
                _entryLock.Exit();
            }
        }
    }

    private bool LinkInto<TScorer>(in GraphView view, uint slot, int level, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var probe = scorer.ProbeOf(slot);
        var top = Math.Min(level, view.TopLevel);
        var nearest = Walk.Descend(view, scorer, probe, top, scratch);
        for (var at = top; at >= 0; at--)
        {
            var links = view.Level(at);
            var beam = Walk.Search(links, scorer, probe, nearest, _options.EfConstruction, view.Capacity, scratch);
            if (at == 0 && FindTwin(beam, slot, scorer, probe, scratch) is var twin && twin != GraphView.None)
            {
                Pair(twin, slot);
                return false;
            }

            nearest = Candidate.Slot(beam[0]);
            SelectForward(links, at, slot, beam, scorer, scratch);
        }

        for (var at = 0; at <= top; at++)
        {
            LinkBack(view.Level(at), at, slot, scorer, scratch);
        }

        return true;
    }

    private uint FindTwin<TScorer>(Beam beam, uint slot, TScorer scorer, in Probe probe, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var self = Walk.ScoreOne(scorer, probe, slot, scratch) + TwinCodeMargin;
        for (var i = 0; i < Math.Min(beam.Count, TwinChecks) && Candidate.Distance(beam[i]) <= self; i++)
        {
            var other = Candidate.Slot(beam[i]);
            if (1 - FloatKernels.Dot((float*)_rows.Vectors[slot], (float*)_rows.Vectors[other], _options.Dimension) <= TwinDistance)
            {
                return other;
            }
        }

        return GraphView.None;
    }

    private void Pair(uint twin, uint slot)
    {
        lock (LockOf(twin))
        {
            *(uint*)_rows.Twins[slot] = _rows.TwinOf(twin);
            Volatile.Write(ref *(uint*)_rows.Twins[twin], slot);
        }
    }
}
