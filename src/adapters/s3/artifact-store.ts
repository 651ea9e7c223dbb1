import type { ArtifactStore } from '../../activities/artifact-store.ts';
import { isArtifactUri, type ArtifactRef } from '../../domain/artifact.ts';
import { batchOf, BATCH_PREFIX } from '../../domain/names.ts';
import { folderOf, locate } from '../artifacts/names.ts';
import { createRecentArtifacts, MAX_RECENT_BYTES } from '../artifacts/recent-artifacts.ts';
import { chunksOf, noArtifact, requireSize, verified } from '../artifacts/verified.ts';
import type { Bucket } from './bucket.ts';
import { append, openUnnamedFile, spool, type Spooled } from './spool.ts';

/** An artifact of that name and hash has the same bytes wherever it is, so memory never differs from the store. */
const ANY_VERSION = '';

const WRITING = 'cannot write an artifact';
const READING = 'cannot read an artifact';

/**
 * Artifacts as objects. The name of an object contains the hash of its bytes, so they are collected before the first is
 * sent: what is small in memory, the rest in a temporary file. What was written last is kept in memory, too.
 */
export function createS3ArtifactStore(bucket: Bucket): ArtifactStore {
  const recent = createRecentArtifacts();

  const writeStream: ArtifactStore['writeStream'] = async ({ chunks, ...artifact }) => {
    const spooled = await spool(chunks);
    try {
      const { sha256, bytes, memory } = spooled;
      const uri = locate({ ...artifact, sha256 });
      await store(bucket, uri, spooled);
      if (memory) recent.keep(uri, sha256, memory, ANY_VERSION);
      return { uri, sha256, bytes };
    } finally {
      await spooled.file?.close();
    }
  };

  const download = (ref: ArtifactRef): AsyncGenerator<Uint8Array> => {
    if (!isArtifactUri(ref.uri)) throw noArtifact(ref.uri);
    const chunks = bucket.get(READING, ref.uri, (size) => {
      requireSize(ref, size);
    });
    return verified(ref, chunks);
  };

  const read: ArtifactStore['read'] = async (ref) => {
    const known = recent.find(ref.uri, ref.sha256, ANY_VERSION);
    if (known) return new Uint8Array(known);
    const parts: Uint8Array[] = [];
    for await (const chunk of download(ref)) parts.push(chunk);
    return Buffer.concat(parts);
  };

  return {
    locate,
    writeStream,
    read,

    async write({ bytes, rows, ...artifact }) {
      return { ...(await writeStream({ ...artifact, chunks: [bytes] })), rows };
    },

    async *readStream(ref) {
      if (ref.bytes <= MAX_RECENT_BYTES) {
        yield await read(ref);
        return;
      }
      const file = await openUnnamedFile();
      try {
        let size = 0;
        for await (const chunk of download(ref)) {
          await append(file, [chunk]);
          size += chunk.length;
        }
        // Of its own memory, because it is handed out.
        yield* chunksOf(file, size, (bytes) => Buffer.allocUnsafeSlow(bytes));
      } finally {
        await file.close();
      }
    },

    async discardBatches(run, before) {
      const what = 'cannot remove artifacts of finished micro-batches';
      const folder = `${folderOf(run)}/`;
      const old: string[] = [];
      for await (const { name } of bucket.list(what, `${folder}${BATCH_PREFIX}`)) {
        if ((batchOf(name.slice(folder.length)) ?? before) < before) old.push(name);
      }
      await bucket.remove(what, old);
    },
  };
}

/**
 * An object of that name has the same bytes, unless somebody damaged it: then it is written again. Of a large one, this
 * is asked before it is sent; if another attempt sends it at the same time, the later one replaces it by the same bytes.
 */
async function store(bucket: Bucket, uri: string, spooled: Spooled): Promise<void> {
  const { sha256, bytes, memory, file } = spooled;
  if (memory && (await bucket.put(WRITING, uri, memory, { sha256, ifAbsent: true }))) return;
  const found = await bucket.head(WRITING, uri);
  if (found?.sha256 === sha256 && found.bytes === bytes) return;
  // The end tells the SDK how many parts to expect.
  const whole = () => file?.createReadStream({ start: 0, end: bytes - 1, autoClose: false });
  await bucket.put(WRITING, uri, memory ?? whole() ?? new Uint8Array(), { sha256, ifAbsent: false });
}
