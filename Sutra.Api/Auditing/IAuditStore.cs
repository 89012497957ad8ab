namespace Sutra.Api.Auditing;

/// <summary>Where records end up. Used by one writer at a time; a store that threw is opened again before it is used again.</summary>
internal interface IAuditStore : IAsyncDisposable
{
    /// <summary>For people: what it is and where, without secrets.</summary>
    string Description { get; }

    /// <summary>Why it failed, for the operator.</summary>
    string Explain(Exception error);

    /// <summary>How long opening may take.</summary>
    TimeSpan OpenLimit { get; }

    /// <summary>Connects and makes or verifies what is needed. Everything it held before is given up first.</summary>
    /// <exception cref="ServiceDefaults.Startup.StartupException">The trail is there but must not be used: no later try can succeed.</exception>
    Task OpenAsync(CancellationToken cancellation);

    /// <summary>Durable when it returns. A record that was appended before, by its id, is not appended again.</summary>
    Task AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation);

    /// <summary>Throws when an append could not work now.</summary>
    Task PingAsync(CancellationToken cancellation);
}
