using System.Runtime.InteropServices;

namespace Sutra.Models.Train.Corpus;

/// <summary>Two texts that mean the same or answer each other: heading and paragraph, term and gloss, question and answer.</summary>
[StructLayout(LayoutKind.Auto)]
/// <param name="Source">Number of the source that the pair is from, in the order of their first pairs; 0 where sources are not known.</param>
public readonly record struct TextPair(string Anchor, string Positive, ushort Source = 0);
