import { createRequire } from 'node:module';
import type { LogRecord } from '../../../domain/log/record.ts';
import { toHeaders } from '../messages.ts';
import { parseBatches, visitRecords, type RecordBatch } from './record-batch.ts';

/**
 * Bounds what one response holds in memory once it is inflated; the rest is fetched again. At least one record of it is
 * taken.
 */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
/** Of a record beside its bytes. */
const RECORD_OVERHEAD_BYTES = 200;

/** What kafkajs passes on as a message: with a record, with the reason why there is none, or to be skipped. */
export interface FetchedMessage {
  readonly offset: string;
  readonly record?: LogRecord;
  /** The records from `offsetFrom` to `offset` cannot be read. */
  readonly unreadable?: { readonly offsetFrom: number; readonly cause: unknown };
  readonly isControlRecord: boolean;
}

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

interface FetchProtocol {
  protocol: (wanted: { readonly version: number }) => (request: FetchRequest) => {
    readonly request: unknown;
    readonly response: { readonly decode: unknown; readonly parse: unknown };
    readonly requestTimeout: unknown;
  };
}

let installed = false;

/**
 * Reads fetch responses in place of kafkajs 2.2.4, for every consumer of the process. kafkajs inflates gzip only, and
 * any amount of it; it shows aborted records to read_committed consumers (decision 0003); it stays for ever at a gap
 * that compaction left at the end of a batch. It speaks version 11 with every broker since Kafka 2.3.
 */
export function installFetchDecoder(): void {
  if (installed) return;
  installed = true;
  const fetch = createRequire(import.meta.url)(
    'kafkajs/src/protocol/requests/fetch/index.js',
  ) as FetchProtocol;
  const { protocol } = fetch;
  fetch.protocol = ({ version }) => {
    const ofVersion = protocol({ version });
    if (version !== 11) return ofVersion;
    return (request) => {
      const exchange = ofVersion(request);
      const decode = (raw: Buffer) => decodeResponse(raw, request);
      return { ...exchange, response: { ...exchange.response, decode } };
    };
  };
}

async function decodeResponse(raw: Buffer, request: FetchRequest) {
  const reader = new ResponseReader(raw);
  const budget = { bytes: MAX_RESPONSE_BYTES };
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses = [];
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topicName = reader.string();
    const partitions = [];
    const wanted = request.topics.find(({ topic }) => topic === topicName)?.partitions ?? [];
    for (let left = reader.int32(); left > 0; left -= 1) {
      const fetched = reader.partition();
      const from = wanted.find(({ partition }) => partition === fetched.partition)?.fetchOffset ?? 0;
      const messages = await decodeMessages(fetched, Number(from), budget);
      // Aborted records are left out already.
      partitions.push({ ...fetched, abortedTransactions: [], messages });
    }
    responses.push({ topicName, partitions });
  }
  // The broker has throttled this request itself, so kafkajs need not.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

type FetchedPartition = ReturnType<ResponseReader['partition']>;

async function decodeMessages(
  { partition, abortedTransactions, batches }: FetchedPartition,
  offsetFrom: number,
  budget: { bytes: number },
): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = [];
  const isAborted = createAbortFilter(abortedTransactions);
  for (const batch of parseBatches(batches)) {
    if (budget.bytes <= 0) break;
    if (batch.lastOffset < offsetFrom) continue;
    if (isAborted(batch) || batch.isControl) {
      messages.push({ offset: String(batch.lastOffset), isControlRecord: true });
      continue;
    }
    const isWhole = await decodeBatch(partition, batch, offsetFrom, budget, messages);
    if (!isWhole) break;
  }
  return messages;
}

/** @returns false if the budget was used up within the batch */
async function decodeBatch(
  partition: number,
  batch: RecordBatch,
  offsetFrom: number,
  budget: { bytes: number },
  messages: FetchedMessage[],
): Promise<boolean> {
  let next = offsetFrom;
  try {
    const isWhole = await visitRecords(partition, batch, offsetFrom, (record, bytes) => {
      messages.push(toMessage(record));
      next = record.offset + 1;
      budget.bytes -= bytes + RECORD_OVERHEAD_BYTES;
      return budget.bytes > 0 || next > batch.lastOffset;
    });
    // Compaction removes records, also the last ones of a batch.
    if (isWhole && next <= batch.lastOffset)
      messages.push({ offset: String(batch.lastOffset), isControlRecord: true });
    return isWhole;
  } catch (cause) {
    const unreadable = { offsetFrom: Math.max(next, batch.baseOffset), cause };
    messages.push({ offset: String(batch.lastOffset), unreadable, isControlRecord: false });
    return true;
  }
}

/** A record as kafkajs passes it on. `headers` is for consumers other than ours. */
function toMessage(record: LogRecord): FetchedMessage {
  const message = {
    offset: String(record.offset),
    timestamp: record.timestamp,
    key: record.key,
    value: record.value,
    get headers() {
      const headers = Object.entries(toHeaders(record.headers));
      return Object.fromEntries(
        headers.map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
      );
    },
    isControlRecord: false,
    record,
  };
  return message;
}

interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/**
 * Whether a batch belongs to a transaction that was aborted. The broker lists these in the order of their aborts;
 * kafkajs expects the order of their first offsets, so of two that overlap it may deliver the records of one.
 */
function createAbortFilter(aborted: readonly AbortedTransaction[]): (batch: RecordBatch) => boolean {
  const upcoming = aborted.toSorted((a, b) => b.firstOffset - a.firstOffset);
  const aborting = new Set<bigint>();
  return ({ producerId, isTransactional, isControl, lastOffset }) => {
    for (let next = upcoming.at(-1); next && next.firstOffset <= lastOffset; next = upcoming.at(-1)) {
      aborting.add(next.producerId);
      upcoming.pop();
    }
    if (isControl) aborting.delete(producerId);
    return isTransactional && aborting.has(producerId);
  };
}

class ResponseReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#move(8));
  }

  string(): string {
    const length = this.int16();
    return this.#bytes.toString('utf8', this.#move(length), this.#at);
  }

  partition() {
    return {
      partition: this.int32(),
      errorCode: this.int16(),
      highWatermark: String(this.int64()),
      lastStableOffset: String(this.int64()),
      lastStartOffset: String(this.int64()),
      abortedTransactions: Array.from({ length: Math.max(0, this.int32()) }, (): AbortedTransaction => ({
        producerId: this.int64(),
        firstOffset: Number(this.int64()),
      })),
      preferredReadReplica: this.int32(),
      batches: this.#blob(),
    };
  }

  #blob(): Buffer {
    const length = Math.max(0, this.int32());
    return this.#bytes.subarray(this.#move(length), this.#at);
  }

  #move(count: number): number {
    this.#at += count;
    return this.#at - count;
  }
}
