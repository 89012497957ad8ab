namespace Sutra.Contracts.Api;

/// <summary>The event <c>evidence</c> of a streamed answer.</summary>
public sealed record QueryEvidenceEvent(IReadOnlyList<Evidence> Evidence);

/// <summary>The event <c>answer</c> of a streamed answer: its next part.</summary>
public sealed record QueryAnswerEvent(string Text);
