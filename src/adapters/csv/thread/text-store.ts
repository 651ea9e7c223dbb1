/** Texts of some rows as UTF-8, because millions of strings would need several times the memory. */
export interface PackedTexts {
  readonly bytes: Buffer;
  /** In UTF-16 units. */
  readonly lengths: Uint32Array;
}

export function packTexts(texts: readonly string[]): PackedTexts {
  return {
    bytes: Buffer.from(texts.join(''), 'utf8'),
    lengths: Uint32Array.from(texts, ({ length }) => length),
  };
}

export function unpackTexts({ bytes, lengths }: PackedTexts): string[] {
  const all = bytes.toString('utf8');
  const texts: string[] = [];
  let from = 0;
  for (const length of lengths) {
    texts.push(all.slice(from, from + length));
    from += length;
  }
  return texts;
}
