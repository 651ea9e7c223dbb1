import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DatasetError } from '../../../domain/errors.ts';

export interface ByteSource {
  readonly compression: 'gzip' | null;
  /** The bytes of the text, decompressed. A chunk is valid until the next one is asked for. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Of the file as it is on disk; call it when all bytes were read. */
  digest(): { readonly sha256: string; readonly bytes: number };
}

const CHUNK_BYTES = 256 * 1_024;
const readChunk = promisify(read);

/**
 * Reads an open file once, from its beginning, and decompresses it if it is gzip, whatever its name.
 *
 * @param maxBytes of text
 * @throws DatasetError while reading, when the text is too large or the compressed data are damaged
 */
export async function openByteSource(
  descriptor: number,
  name: string,
  maxBytes: number,
): Promise<ByteSource> {
  const hash = createHash('sha256');
  let position = 0;
  async function next(buffer: Buffer): Promise<Buffer> {
    const { bytesRead } = await readChunk(descriptor, buffer, 0, buffer.length, position);
    position += bytesRead;
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    return chunk;
  }
  const first = await next(Buffer.allocUnsafe(CHUNK_BYTES));
  async function* raw(nextBuffer: () => Buffer): AsyncGenerator<Buffer> {
    for (let chunk = first; chunk.length > 0; chunk = await next(nextBuffer())) yield chunk;
  }
  const only = Buffer.allocUnsafe(CHUNK_BYTES);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  return {
    compression: isGzip ? 'gzip' : null,
    bytes: limited(
      isGzip
        ? decompress(
            raw(() => Buffer.allocUnsafe(CHUNK_BYTES)),
            name,
          )
        : raw(() => only),
      name,
      maxBytes,
    ),
    digest: () => ({ sha256: hash.digest('hex'), bytes: position }),
  };
}

async function* decompress(raw: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let readError: Error | undefined;
  const source = Readable.from(raw).on('error', (error) => {
    readError = error;
    gunzip.destroy(error);
  });
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    if (readError !== undefined) throw readError;
    throw new DatasetError({
      what: 'the gzip data are damaged or cut off',
      where: name,
      got: (cause as Error).message,
      hint: 'Compress the table again; nothing was published',
      cause,
    });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function* limited(
  bytes: AsyncIterable<Buffer>,
  name: string,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    if (total > maxBytes) {
      throw new DatasetError({
        what: 'the table is too large',
        where: name,
        expected: `at most ${maxBytes / 2 ** 30} GiB of text`,
        got: 'more',
        hint: 'Load a part of the rows',
      });
    }
    yield chunk;
  }
}
