export function streamOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  return { run: 'run', name: 'table', extension: '.arrow', chunks } as const;
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
