using Microsoft.Extensions.Options;
using Sutra.Api.Collections;
using Sutra.Api.Documents.Parsing;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Documents;

/// <summary>
/// Learns a document in pieces, in place of what was learned of it before: pieces that are as they were stay, others are learned, and those that
/// are gone are deleted last, so that something of it is found at any time.
/// </summary>
internal sealed class DocumentLearner(
    Splitter splitter,
    CollectionDirectory collections,
    BatchLearner learner,
    DocumentStore documents,
    IOptions<DocumentOptions> options) : IDisposable
{
    private const string NextType = "next";
    private const int GroupPieces = 256;

    // One document is changed by one request at a time; different ones may have to wait for each other, too, and seldom do.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <exception cref="ApiProblem">400: it cannot be read; 413: too many pieces.</exception>
    public async Task<DocumentResponse> LearnAsync(DocumentUpload document, DocumentRequest request, Caller caller, CancellationToken cancellation)
    {
        var passages = Parse(document);
        var collection = await collections.FindAsync(request.Collection, caller, cancellation);
        var pieces = await splitter.SplitAsync(
            passages, collection.EmbeddingModel, request.ChunkTokens, request.OverlapTokens, caller, cancellation);
        if (pieces.Count > options.Value.MaxPieces)
        {
            throw new ApiProblem(
                StatusCodes.Status413PayloadTooLarge, ProblemCodes.TooManyItems, $"The document has more than {options.Value.MaxPieces} pieces.");
        }

        var turn = _turns[(uint)StringComparer.Ordinal.GetHashCode(document.DocumentId) % _turns.Length];
        await turn.WaitAsync(cancellation);
        try
        {
            return await LearnAsync(document, pieces, request, caller, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => Array.ForEach(_turns, turn => turn.Dispose());

    private async Task<DocumentResponse> LearnAsync(
        DocumentUpload document, IReadOnlyList<Piece> pieces, DocumentRequest request, Caller caller, CancellationToken cancellation)
    {
        var known = new Dictionary<string, Concept>(StringComparer.Ordinal);
        foreach (var piece in await documents.PiecesAsync(document.DocumentId, request.Collection, cancellation))
        {
            known[piece.Content] = piece;
        }

        var state = new PieceState[pieces.Count];
        for (var i = 0; i < pieces.Count; i++)
        {
            var metadata = PieceMetadata.Of(document, pieces[i], i, pieces.Count, request.Metadata);
            state[i] = new PieceState(metadata, known.GetValueOrDefault(pieces[i].Content), request.Owner);
        }

        // A piece points to the next one, whose id is known only when it has been learned: new ones are learned first, then pointed to.
        await LearnAsync(pieces, state, piece => piece.Id is null, request, caller, cancellation);
        for (var i = 0; i + 1 < state.Length; i++)
        {
            state[i].NextId = state[i + 1].Id;
        }

        await LearnAsync(pieces, state, piece => piece is { Id: not null, Error: null, IsCurrent: false }, request, caller, cancellation);
        var now = state.Select(piece => piece.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var gone = known.Values.Select(piece => piece.Id).Where(id => !now.Contains(id)).ToList();
        if (gone.Count > 0 && Array.TrueForAll(state, piece => piece.Error is null))
        {
            await documents.DeleteAsync(gone, request.Collection, caller, cancellation);
        }
        else
        {
            gone.Clear();
        }

        return new DocumentResponse(
            document.DocumentId,
            document.Name,
            state.Length,
            state.Count(piece => piece.Created),
            state.Count(piece => piece.Unchanged),
            gone.Count,
            state.Count(piece => piece.Truncated),
            [.. state.Select(piece => piece.Id)],
            [.. state.Select((piece, i) => (piece.Error, Chunk: i + 1)).Where(piece => piece.Error is not null)
                .Select(piece => new DocumentError(piece.Chunk, piece.Error!))],
            null);
    }

    private async Task LearnAsync(
        IReadOnlyList<Piece> pieces, PieceState[] state, Func<PieceState, bool> which, DocumentRequest request, Caller caller, CancellationToken cancellation)
    {
        foreach (var group in Enumerable.Range(0, state.Length).Where(i => which(state[i])).ToList().Chunk(GroupPieces))
        {
            var items = group.Select(i => new LearnItem(
                pieces[i].Content,
                state[i].Metadata,
                state[i].NextId is { } next && next != state[i].Id ? [new AssociationContract(next, NextType)] : [],
                request.Owner)).ToList();
            var outcomes = await learner.LearnAsync(request.Collection, items, caller, cancellation);
            for (var n = 0; n < group.Length; n++)
            {
                state[group[n]].Learned(outcomes[n]);
            }
        }
    }

    private IReadOnlyList<Passage> Parse(DocumentUpload document)
    {
        try
        {
            return DocumentFormat.Parse(document.MediaType, document.Source, options.Value);
        }
        catch (UnreadableDocumentException e)
        {
            throw ApiProblem.OfField(StatusCodes.Status400BadRequest, ProblemCodes.DocumentUnreadable, "body", e.Message);
        }
    }

    /// <summary>A piece on its way into the storage.</summary>
    /// <param name="before">What the storage has of it already.</param>
    private sealed class PieceState(Dictionary<string, string> metadata, Concept? before, string? owner)
    {
        private bool _relearned;

        public Dictionary<string, string> Metadata { get; } = metadata;

        public string? Id { get; private set; } = before?.Id;

        public string? NextId { get; set; }

        public bool Created { get; private set; }

        public bool Truncated { get; private set; }

        public ItemError? Error { get; private set; }

        public bool Unchanged => !_relearned && Error is null;

        /// <summary>The storage has it as it is to be.</summary>
        public bool IsCurrent => NextId is null && _relearned
            || (!_relearned && before is not null
                && before.Owner == (owner ?? "")
                && before.Metadata.Count == Metadata.Count
                && Metadata.All(pair => before.Metadata.TryGetValue(pair.Key, out var value) && value == pair.Value)
                && before.Associations.Select(edge => edge.TargetId).SequenceEqual(NextId is null ? [] : [NextId], StringComparer.Ordinal));

        public void Learned(Learning.LearnOutcome outcome)
        {
            _relearned = true;
            Created |= outcome.Created;
            Truncated = outcome.Truncated;
            Id = outcome.ConceptId ?? Id;
            Error = outcome.Error is { } error ? new ItemError(error.Code, error.Field, error.Message, error.Retryable) : null;
        }
    }
}
