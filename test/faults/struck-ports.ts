import { inspect } from 'node:util';
import type { ArtifactStore } from '../../src/activities/artifact-store.ts';
import type { ActivityDeps } from '../../src/activities/index.ts';
import type { ModelRegistry } from '../../src/activities/registry/model-registry.ts';
import type { RecordPublisher, RecordReader } from '../../src/activities/log/record-log.ts';
import type { StreamLog } from '../../src/activities/scoring/stream-log.ts';
import { writeJournal, type Awakening } from './journal.ts';
import type { Striker, VisitorsBook } from './striker.ts';

/** What a broker says to a producer whose transactional id another one has taken over, or is just committing with. */
const FENCED = /INVALID_PRODUCER_EPOCH|PRODUCER_FENCED|INVALID_TXN_STATE|CONCURRENT_TRANSACTIONS/;
/** The marker of a continuous stream's lane is at a later batch. */
const OVERTAKEN = 'StreamOvertaken';

/** The ports of a worker, with the places of `between` and `begin`. */
export function strikePorts(deps: ActivityDeps, striker: Striker, directory: string): ActivityDeps {
  return {
    ...deps,
    artifacts: strikeArtifacts(deps.artifacts, striker),
    reader: strikeReader(deps.reader, striker),
    registry: strikeRegistry(deps.registry, striker),
    publisher: strikePublisher(deps.publisher, striker, directory),
    streamLog: strikeStreamLog(deps.streamLog, striker),
  };
}

function strikeArtifacts(artifacts: ArtifactStore, striker: Striker): ArtifactStore {
  return {
    ...artifacts,
    async write(artifact) {
      const book = striker.current();
      // The split has three artifacts: its middle is where one of them is written.
      const isFirstOfThree = book.visit.activity === 'splitDataset' && artifact.name === 'train';
      if (!isFirstOfThree) striker.reach(book, 'between');
      return artifacts.write(artifact);
    },
  };
}

function strikeReader(reader: RecordReader, striker: Striker): RecordReader {
  return {
    async readRanges(read) {
      const book = striker.current();
      return reader.readRanges({
        ...read,
        onProgress(records) {
          striker.reach(book, 'between');
          read.onProgress(records);
        },
      });
    },
  };
}

/** The activities that use it have their middle behind its answer. */
function strikeRegistry(registry: ModelRegistry, striker: Striker): ModelRegistry {
  return {
    champion: async (name) => reachAfter(striker, registry.champion(name)),
    propose: async (name, proposal) => reachAfter(striker, registry.propose(name, proposal)),
  };
}

async function reachAfter<T>(striker: Striker, question: Promise<T>): Promise<T> {
  const book = striker.current();
  const answer = await question;
  striker.reach(book, 'between');
  return answer;
}

/** Each activity that uses it has its middle behind one of these questions. */
function strikeStreamLog(streamLog: StreamLog, striker: Striker): StreamLog {
  return {
    ...streamLog,
    claim: (claim) => reachAfter(striker, streamLog.claim(claim)),
    committed: (stream, topic) => reachAfter(striker, streamLog.committed(stream, topic)),
    commit: (stream, topic, watermark) => reachAfter(striker, streamLog.commit(stream, topic, watermark)),
  };
}

function strikePublisher(publisher: RecordPublisher, striker: Striker, directory: string): RecordPublisher {
  return {
    ...publisher,
    async publishOnce(publication) {
      const book = striker.current();
      const woke = (outcome: Awakening, detail: string): void => {
        if (!book.isZombie) return;
        writeJournal(directory, { event: 'woke', ...book.visit, outcome, detail });
        striker.recover();
      };
      striker.reach(book, 'begin');
      try {
        const result = await publisher.publishOnce({
          ...publication,
          signal: deafen(publication.signal, book),
          onProgress(sent) {
            striker.reach(book, 'between');
            publication.onProgress(sent);
          },
        });
        woke(result.alreadyPublished ? 'found the marker' : 'wrote', '');
        return result;
      } catch (error) {
        const detail = inspect(error, { depth: 4 });
        const outcome = detail.includes(OVERTAKEN) ? 'found the marker' : 'failed otherwise';
        woke(FENCED.test(detail) ? 'fenced' : outcome, detail);
        throw error;
      }
    },
  };
}

/** A zombie that heard in time that it was cancelled would prove nothing about the fence. */
function deafen(signal: AbortSignal, book: VisitorsBook): AbortSignal {
  const controller = new AbortController();
  const pass = (): void => {
    if (!book.isZombie) controller.abort(signal.reason);
  };
  if (signal.aborted) pass();
  signal.addEventListener('abort', pass, { once: true });
  return controller.signal;
}
