/** How a file writes its table: what was found by looking, or what the input says. */
export interface Dialect {
  readonly compression: 'gzip' | null;
  /** A label of the Encoding Standard, e.g. "utf-8", "utf-16le", "windows-1252". */
  readonly encoding: string;
  /** One character. */
  readonly delimiter: string;
  /** One character. */
  readonly quote: string;
  /** The decimal sign of all columns; absent when each column decides. */
  readonly decimal?: '.' | ',';
  /** Lines that begin with it are skipped. */
  readonly comment?: string;
  /** Whether the first row names the columns. */
  readonly header: boolean;
}

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'pipe',
  ' ': 'space',
};

/** Differences from a plain file (commas, UTF-8, a header), e.g. `semicolon, utf-16le, gzip`; empty when there are none. */
export function describeDialect(dialect: Dialect): string {
  const { compression, encoding, delimiter, quote, decimal, comment, header } = dialect;
  return [
    delimiter !== ',' && (DELIMITER_NAMES[delimiter] ?? `delimiter ${JSON.stringify(delimiter)}`),
    encoding !== 'utf-8' && encoding,
    compression,
    quote !== '"' && `quote ${quote}`,
    decimal !== undefined && `decimal "${decimal}"`,
    comment !== undefined && `comments after ${JSON.stringify(comment)}`,
    !header && 'no header',
  ]
    .filter(Boolean)
    .join(', ');
}
