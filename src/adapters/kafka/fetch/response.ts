import { loadInternal, once } from '../kafkajs/internals.ts';
import { parseBatches, type RecordBatch } from './record-batch.ts';

/** What kafkajs passes on as the one message of a fetched partition. */
export interface FetchedBatches {
  /** Of the last record of the last batch, also if nobody may see it. */
  readonly offset: string;
  /** Without control batches, aborted ones, and those before the wanted offset. */
  readonly batches: readonly RecordBatch[];
  readonly isControlRecord: false;
}

interface FetchRequest {
  readonly rackId: string;
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

/** The rack of consumers whose responses are decoded here. It stays in this process: the broker is told none. */
export const OWN_DECODER = 'imdb-own-decoder';

/**
 * Reads fetch responses in place of kafkajs 2.2.4, for the consumers of {@link OWN_DECODER}. kafkajs makes an object of
 * each record, inflates gzip only, and any amount of it; it shows aborted records to read_committed consumers
 * (decision 0003); it stays for ever at a gap that compaction left at the end of a batch. It speaks version 11 with every
 * broker since Kafka 2.3.
 */
export const installFetchDecoder = once(() => {
  const fetch = loadInternal('protocol/requests/fetch/index.js') as FetchProtocol;
  const { protocol } = fetch;
  fetch.protocol = ({ version }) => {
    const ofVersion = protocol({ version });
    return (wanted) => {
      if (wanted.rackId !== OWN_DECODER) return ofVersion(wanted);
      const request = { ...wanted, rackId: '' };
      const exchange = ofVersion(request);
      if (version !== 11) return exchange;
      const decode = async (raw: Buffer) => decodeResponse(raw, request);
      return { ...exchange, response: { ...exchange.response, decode } };
    };
  };
});

function decodeResponse(raw: Buffer, request: FetchRequest) {
  const reader = new ResponseReader(raw);
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
      const messages = findBatches(fetched, Number(from));
      // Aborted records are left out already.
      partitions.push({ ...fetched, abortedTransactions: [], messages });
    }
    responses.push({ topicName, partitions });
  }
  // The broker has throttled this request itself, so kafkajs need not.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

type FetchedPartition = ReturnType<ResponseReader['partition']>;

function findBatches(
  { abortedTransactions, batches }: FetchedPartition,
  offsetFrom: number,
): FetchedBatches[] {
  const isAborted = createAbortFilter(abortedTransactions);
  const visible: RecordBatch[] = [];
  let lastOffset: number | undefined;
  for (const batch of parseBatches(batches)) {
    lastOffset = batch.lastOffset;
    if (!isAborted(batch) && !batch.isControl && lastOffset >= offsetFrom) visible.push(batch);
  }
  if (lastOffset === undefined) return [];
  return [{ offset: String(lastOffset), batches: visible, isControlRecord: false }];
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
