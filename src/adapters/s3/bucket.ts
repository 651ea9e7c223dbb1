import type { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Settings } from '../../config/s3-settings.ts';
import { placeText, type S3Place } from '../../config/store-place.ts';
import { isMissing, toFailure } from './errors/call.ts';

/** A smaller object is sent as one part. S3 takes 10,000 parts, so 80 GB. */
export const PART_BYTES = 8 * 1024 * 1024;
/** With the parts that are read ahead, an upload needs some 24 MB. */
const PARTS_AT_ONCE = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** A store that says nothing for so long is treated as lost. */
const SILENCE_TIMEOUT_MS = 30_000;
/** Of S3: more keys are removed in several requests. */
const MAX_KEYS = 1_000;

export interface StoredObject {
  /** Relative to the place. */
  readonly name: string;
  readonly bytes: number;
  readonly writtenAt: Date;
}

export interface ObjectHead {
  readonly bytes: number;
  /** What {@link Bucket.put} has noted; undefined for an object of somebody else. */
  readonly sha256: string | undefined;
}

/**
 * The objects below one prefix of a bucket; names are relative to it. `what` begins the message of a failure.
 * Everything throws ArtifactStoreError or AccessError, see `errors/table.ts`.
 */
export interface Bucket {
  /** `s3://bucket/prefix/name`, for messages. */
  urlOf(name: string): string;
  /** @param check sees the size before the first chunk */
  get(what: string, name: string, check?: (bytes: number) => void): AsyncGenerator<Uint8Array>;
  /** Undefined when there is no object of that name. */
  head(what: string, name: string): Promise<ObjectHead | undefined>;
  /**
   * Writes an object whole or not at all.
   *
   * @param ifAbsent leaves an object of this name as it is; of a body of one part only
   * @returns false when there was one
   */
  put(
    what: string,
    name: string,
    body: Uint8Array | Readable,
    object: { readonly sha256: string; readonly ifAbsent: boolean },
  ): Promise<boolean>;
  /** Objects whose name begins so. */
  list(what: string, beginning: string): AsyncGenerator<StoredObject>;
  remove(what: string, names: readonly string[]): Promise<void>;
  close(): void;
}

export function createBucket(settings: S3Settings, place: S3Place): Bucket {
  const client = new S3Client(clientConfig(settings));
  const urlOf = (name: string): string => [placeText(place), name].join('/');
  const keyOf = (name: string): string => (place.prefix === '' ? name : `${place.prefix}/${name}`);
  const object = (name: string) => ({ Bucket: place.bucket, Key: keyOf(name) });
  const fail = (error: unknown, what: string, name: string): unknown =>
    toFailure(error, what, urlOf(name), settings);

  async function call<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fail(error, what, name);
    }
  }

  return {
    urlOf,

    async *get(what, name, check) {
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand(object(name)));
        const body = Body as Readable;
        try {
          check?.(ContentLength ?? Infinity);
          for await (const chunk of body) yield chunk as Uint8Array;
        } finally {
          body.destroy();
        }
      } catch (error) {
        throw fail(error, what, name);
      }
    },

    async head(what, name) {
      try {
        const { ContentLength = 0, Metadata } = await client.send(new HeadObjectCommand(object(name)));
        return { bytes: ContentLength, sha256: Metadata?.['sha256'] };
      } catch (error) {
        const failure = fail(error, what, name);
        if (isMissing(failure)) return undefined;
        throw failure;
      }
    },

    async put(what, name, body, { sha256, ifAbsent }) {
      const upload = new Upload({
        client,
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
        params: {
          ...object(name),
          Body: body,
          Metadata: { sha256 },
          ...(ifAbsent && { IfNoneMatch: '*' }),
          ...encryption(settings),
        },
      });
      return call(what, name, async () => {
        try {
          await upload.done();
          return true;
        } catch (error) {
          if ((error as Error).name === 'PreconditionFailed') return false;
          throw error;
        }
      });
    },

    async *list(what, beginning) {
      const skipped = keyOf('').length;
      const pages = paginateListObjectsV2({ client }, { Bucket: place.bucket, Prefix: keyOf(beginning) });
      try {
        for await (const { Contents = [] } of pages)
          for (const { Key = '', Size = 0, LastModified = new Date(0) } of Contents)
            yield { name: Key.slice(skipped), bytes: Size, writtenAt: LastModified };
      } catch (error) {
        throw fail(error, what, beginning);
      }
    },

    async remove(what, names) {
      for (let from = 0; from < names.length; from += MAX_KEYS) {
        const Objects = names.slice(from, from + MAX_KEYS).map((name) => ({ Key: keyOf(name) }));
        const { Errors = [] } = await call(what, names[from] ?? '', () =>
          client.send(new DeleteObjectsCommand({ Bucket: place.bucket, Delete: { Objects, Quiet: true } })),
        );
        const [first] = Errors;
        if (!first) continue;
        const refusal = Object.assign(new Error(first.Message ?? 'refused'), { code: first.Code });
        throw fail(refusal, what, first.Key?.slice(keyOf('').length) ?? '');
      }
    },

    close() {
      client.destroy();
    },
  };
}

function clientConfig({ region, endpoint, forcePathStyle, credentials }: S3Settings): S3ClientConfig {
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    forcePathStyle,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS },
  };
}

function encryption({ encryption: chosen }: S3Settings) {
  if (!chosen) return {};
  const { algorithm, kmsKeyId } = chosen;
  return { ServerSideEncryption: algorithm, ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }) };
}
