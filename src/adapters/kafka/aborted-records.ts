import { createRequire } from 'node:module';
import { toOffset } from '../../domain/log/offsets.ts';

interface FetchedRecord {
  readonly offset: string;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
  isControlRecord: boolean;
}

interface FetchedPartition {
  readonly messages: readonly FetchedRecord[];
  abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
}

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

interface FetchDecoder {
  decode: (raw: unknown) => Promise<FetchResponse>;
}

let installed = false;

/**
 * kafkajs 2.2.4 shows aborted records to read_committed consumers: it expects the broker's list of aborted transactions
 * to be sorted by first offset, and takes one from it per record. The broker lists them in the order of their aborts,
 * so of two that overlap (a killed worker leaves several) it may deliver the records of one. This filters them before
 * kafkajs does, as the Java client does. kafkajs speaks version 11 with every broker since Kafka 2.3.
 */
export function hideAbortedRecords(): void {
  if (installed) return;
  installed = true;
  const decoder = createRequire(import.meta.url)(
    'kafkajs/src/protocol/requests/fetch/v11/response.js',
  ) as FetchDecoder;
  const { decode } = decoder;
  decoder.decode = async (raw) => {
    const response = await decode(raw);
    for (const partition of response.responses.flatMap(({ partitions }) => partitions))
      markAborted(partition);
    return response;
  };
}

/** Marks aborted records as control records, which kafkajs counts as seen but does not deliver. */
function markAborted(partition: FetchedPartition): void {
  const upcoming = partition.abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: toOffset(firstOffset) }))
    .sort((a, b) => b.firstOffset - a.firstOffset);
  partition.abortedTransactions = [];
  const aborting = new Set<string>();
  for (const record of partition.messages) {
    const { producerId, inTransaction } = record.batchContext;
    for (
      let next = upcoming.at(-1);
      next && next.firstOffset <= toOffset(record.offset);
      next = upcoming.at(-1)
    ) {
      aborting.add(next.producerId);
      upcoming.pop();
    }
    if (record.isControlRecord) aborting.delete(producerId);
    else if (inTransaction && aborting.has(producerId)) record.isControlRecord = true;
  }
}
