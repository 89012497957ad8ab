using System.Runtime.InteropServices;

namespace Sutra.Models.Train.Corpus;

/// <summary>Two texts that mean the same or answer each other: heading and paragraph, term and gloss, question and answer.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TextPair(string Anchor, string Positive);
