import { inspect } from 'node:util';
import type { ArtifactStore } from '../../../src/activities/artifact-store.ts';
import type { Tables } from '../../../src/activities/tables.ts';
import type { ActivityDeps } from '../../../src/activities/index.ts';
import type { ModelRegistry } from '../../../src/activities/registry/model-registry.ts';
import type {
  RecordPublisher,
  RecordReader,
  RowPublication,
} from '../../../src/activities/log/record-log.ts';
import type { StreamLog } from '../../../src/activities/scoring/stream-log.ts';
import type { OutgoingRecord } from '../../../src/domain/log/record.ts';
import { writeJournal, type ZombieOutcome } from './journal.ts';
import type { Injector, ActiveAttempt } from './injector.ts';

/** The broker's errors for a producer whose transactional id another producer has taken over or is committing with. */
const FENCED = /INVALID_PRODUCER_EPOCH|PRODUCER_FENCED|INVALID_TXN_STATE|CONCURRENT_TRANSACTIONS/;
/** The marker of a continuous stream's lane is at a later batch already. */
const OVERTAKEN = 'StreamOvertaken';

/** The ports of a worker, with the injections `between` and `begin`. */
export function injectIntoPorts(deps: ActivityDeps, injector: Injector, directory: string): ActivityDeps {
  return {
    ...deps,
    artifacts: injectIntoArtifacts(deps.artifacts, injector),
    tables: injectIntoTables(deps.tables, injector),
    reader: injectIntoReader(deps.reader, injector),
    registry: injectIntoRegistry(deps.registry, injector),
    publisher: injectIntoPublisher(deps.publisher, injector, directory),
    streamLog: injectIntoStreamLog(deps.streamLog, injector),
  };
}

function injectIntoArtifacts(artifacts: ArtifactStore, injector: Injector): ArtifactStore {
  return {
    ...artifacts,
    async write(artifact) {
      reachWrite(injector, artifact.name);
      return artifacts.write(artifact);
    },
  };
}

/** Tables are written through the artifact store, but not through the injected one. */
function injectIntoTables(tables: Tables, injector: Injector): Tables {
  return {
    ...tables,
    async write(table) {
      reachWrite(injector, table.name);
      return tables.write(table);
    },
  };
}

function reachWrite(injector: Injector, name: string): void {
  const active = injector.current();
  // The middle of the split is after it has begun the first of its three tables.
  const isFirstOfThree = active.attempt.activity === 'splitDataset' && name === 'train';
  if (!isFirstOfThree) injector.reach(active, 'between');
}

function injectIntoReader(reader: RecordReader, injector: Injector): RecordReader {
  return {
    async readRanges(read) {
      const active = injector.current();
      let isBetween = false;
      return reader.readRanges({
        ...read,
        onRecord(record, leave) {
          if (!isBetween) injector.reach(active, 'between');
          isBetween = true;
          read.onRecord(record, leave);
        },
      });
    },
  };
}

/** `between` is reached after each response, because that is the middle of the activities that use the registry. */
function injectIntoRegistry(registry: ModelRegistry, injector: Injector): ModelRegistry {
  return {
    champion: async (name) => reachAfter(injector, registry.champion(name)),
    propose: async (name, proposal) => reachAfter(injector, registry.propose(name, proposal)),
  };
}

async function reachAfter<T>(injector: Injector, request: Promise<T>): Promise<T> {
  const active = injector.current();
  const response = await request;
  injector.reach(active, 'between');
  return response;
}

/** `between` is reached after one of these responses. */
function injectIntoStreamLog(streamLog: StreamLog, injector: Injector): StreamLog {
  return {
    ...streamLog,
    claim: (claim) => reachAfter(injector, streamLog.claim(claim)),
    committed: (stream, topic) => reachAfter(injector, streamLog.committed(stream, topic)),
    commit: (position) => reachAfter(injector, streamLog.commit(position)),
  };
}

/** So many rows in a transaction: the suite's splits have some hundred. */
const TRANSACTION_ROWS = 40;

function injectIntoPublisher(
  publisher: RecordPublisher,
  injector: Injector,
  directory: string,
): RecordPublisher {
  /** @param publish gets the signal of the publication, and a callback for after each of its requests */
  async function injectInto<T extends { readonly alreadyPublished: boolean }>(
    { signal }: { readonly signal: AbortSignal },
    publish: (active: ActiveAttempt, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const active = injector.current();
    const noteResumed = (outcome: ZombieOutcome, detail: string): void => {
      if (!active.isZombie) return;
      writeJournal(directory, { event: 'resumed', ...active.attempt, outcome, detail });
      injector.recover();
    };
    injector.reach(active, 'begin');
    try {
      const result = await publish(active, ignoreCancellation(signal, active));
      noteResumed(result.alreadyPublished ? 'found the marker' : 'wrote', '');
      return result;
    } catch (error) {
      const detail = inspect(error, { depth: 4 });
      const outcome = detail.includes(OVERTAKEN) ? 'found the marker' : 'failed otherwise';
      noteResumed(FENCED.test(detail) ? 'fenced' : outcome, detail);
      throw error;
    }
  }

  return {
    ...publisher,
    publishOnce: (publication) =>
      injectInto(publication, (active, signal) =>
        publisher.publishOnce({
          ...publication,
          signal,
          onProgress(sent) {
            injector.reach(active, 'between');
            publication.onProgress(sent);
          },
        }),
      ),
    publishRows: (publication) =>
      injectInto(publication, (active, signal) => {
        let committed: number | undefined;
        return publisher.publishRows({
          ...publication,
          signal,
          chunks: inTransactions(publication.chunks, () => {
            injector.reach(active, 'between transactions');
          }),
          onProgress(rows) {
            // The first call says what earlier attempts have committed.
            if (committed !== undefined) injector.reach(active, 'between');
            committed ??= rows;
            publication.onProgress(rows);
          },
        });
      }),
  };
}

/** @param onCommitted after a transaction, while others follow */
async function* inTransactions(
  chunks: RowPublication['chunks'],
  onCommitted: () => void,
): RowPublication['chunks'] {
  let rows: OutgoingRecord[] = [];
  let transactions = 0;
  for await (const chunk of chunks) {
    for (const row of chunk) {
      rows.push(copyOf(row));
      if (rows.length < TRANSACTION_ROWS) continue;
      transactions += 1;
      // The publisher writes a transaction when it has the first row of the next.
      if (transactions > 2) onCommitted();
      yield rows;
      rows = [];
    }
  }
  yield rows;
}

/** The bytes of a row are valid until the next one is asked for. */
function copyOf({ key, value, headers }: OutgoingRecord): OutgoingRecord {
  return { key: copyOfBytes(key), value: copyOfBytes(value), headers };
}

function copyOfBytes(bytes: OutgoingRecord['key']): OutgoingRecord['key'] {
  return bytes instanceof Uint8Array ? Uint8Array.from(bytes) : bytes;
}

/** A zombie that learns of its cancellation stops by itself, and proves nothing about fencing. */
function ignoreCancellation(signal: AbortSignal, active: ActiveAttempt): AbortSignal {
  const controller = new AbortController();
  const pass = (): void => {
    if (!active.isZombie) controller.abort(signal.reason);
  };
  if (signal.aborted) pass();
  signal.addEventListener('abort', pass, { once: true });
  return controller.signal;
}
