using Sutra.Contracts.Api;

namespace Sutra.Client;

/// <summary>A part of an answer that is streamed.</summary>
public abstract record QueryEvent
{
    private protected QueryEvent()
    {
    }
}

/// <summary>First: what was found.</summary>
public sealed record QueryEvidence(IReadOnlyList<Evidence> Evidence) : QueryEvent;

/// <summary>The answer's next part; together they are the answer. None when there is no answer.</summary>
public sealed record QueryAnswerPart(string Text) : QueryEvent;

/// <summary>Last: all of it.</summary>
public sealed record QueryDone(QueryResponse Response) : QueryEvent;
