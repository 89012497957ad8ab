namespace Sutra.Storage.Concepts;

/// <summary>Who holds which id, as of the last record that was applied.</summary>
internal interface IConceptHolders
{
    bool TryGetHolder(ConceptId id, out ConceptHolder holder);
}

/// <param name="Check">128 further bits of the hash of its content.</param>
/// <param name="Model">Of its vector.</param>
internal readonly record struct ConceptHolder(UInt128 Check, string Model);
