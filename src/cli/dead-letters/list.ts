import {
  createKafkaDeadLetters,
  type DeadLetterLog,
  type DeadLetterSurvey,
} from '../../adapters/kafka/dead-letters.ts';
import { isCut, isDeadLetter, isReplayed } from '../../domain/log/dead-letter.ts';
import { deadLettersTopic } from '../../domain/names.ts';
import type { LogRecord } from '../../domain/log/record.ts';
import { createKafkaAdmin } from '../../adapters/kafka/admin.ts';
import { createKafka } from '../../adapters/kafka/client.ts';
import { createKafkaReader } from '../../adapters/kafka/reader.ts';
import { createTransactions } from '../../adapters/kafka/transaction.ts';
import { createRecordWriter } from '../../adapters/kafka/writer.ts';
import { loadProcessConfig } from '../../config.ts';
import { BrokerError, PipelineError, type ErrorFacts } from '../../domain/errors.ts';
import { type JsonOption, number, print, printJson } from '../shared/output.ts';
import { countDeadLetters, deadLetterTable, type ListedRecord } from './report.ts';

export async function withDeadLetters(work: (log: DeadLetterLog) => Promise<void>): Promise<void> {
  const { kafka: settings } = loadProcessConfig();
  // An error is reported once, at the end; the client would log every attempt.
  const kafka = createKafka(settings, () => undefined);
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings });
  const writer = createRecordWriter({ admin });
  const transactions = createTransactions(kafka);
  try {
    await work(createKafkaDeadLetters({ transactions, admin, reader, writer, settings }));
  } finally {
    await reader.close();
    await transactions.close();
    await admin.close();
  }
}

/**
 * Says how far a command came. The hint of an outage speaks of retries, which a command does not make; any other says
 * what to change.
 */
export function withProgress(error: unknown, progress?: string): unknown {
  if (!(error instanceof PipelineError)) return error;
  const { facts } = error;
  const advice = error instanceof BrokerError ? addressAdvice(facts) : facts.hint;
  const hint = [advice, progress].filter(Boolean).join('; ');
  const Failure = error.constructor as new (facts: ErrorFacts) => PipelineError;
  return new Failure({ ...facts, ...(hint && { hint }), cause: error });
}

function addressAdvice({ hint }: ErrorFacts): string | undefined {
  return hint?.includes('KAFKA_BROKERS') ? 'Check KAFKA_BROKERS' : undefined;
}

export interface ListOptions extends JsonOption {
  readonly limit: number;
}

interface Counts {
  readonly deadLetters: number;
  /** Of these, not replayed yet. */
  readonly awaiting: number;
  /** Of these, cut short, so that no replay sends them. */
  readonly cutShort: number;
  /** Records of another producer. */
  readonly foreign: number;
}

const NONE: Counts = { deadLetters: 0, awaiting: 0, cutShort: 0, foreign: 0 };

export async function listDeadLetters(topic: string, options: ListOptions): Promise<void> {
  await withDeadLetters(async (log) => {
    try {
      const survey = await log.survey(topic);
      const { newest, counts } = survey
        ? await readNewest(log, topic, survey, options.limit)
        : { newest: [], counts: NONE };
      if (newest.length > 0) print(deadLetterTable(topic, newest), options);
      print(survey ? describeCounts(topic, newest.length, counts) : noTopic(topic), options);
      printJson({ topic, ...counts, newest: newest.map(toJson) }, options);
    } catch (error) {
      throw withProgress(error);
    }
  });
}

export function noTopic(topic: string): string {
  return `${topic} has no dead letters: there is no topic ${deadLettersTopic(topic)}`;
}

/** Offsets have gaps, so counting means reading. Only a chunk and the newest are kept in memory. */
async function readNewest(
  log: DeadLetterLog,
  topic: string,
  { ranges, positions }: DeadLetterSurvey,
  limit: number,
): Promise<{ readonly newest: readonly ListedRecord[]; readonly counts: Counts }> {
  let newest: ListedRecord[] = [];
  let counts = NONE;
  for await (const chunk of log.readChunks(topic, ranges, new AbortController().signal)) {
    const listed = chunk.map((entry) => ({
      entry,
      isReplayed: isReplayed(entry.record, positions) && !isCut(entry),
    }));
    const deadLetters = listed.filter(({ entry }) => isDeadLetter(entry));
    const cutShort = deadLetters.filter(({ entry }) => isCut(entry)).length;
    counts = {
      deadLetters: counts.deadLetters + deadLetters.length,
      awaiting: counts.awaiting + deadLetters.filter((listing) => !listing.isReplayed).length - cutShort,
      cutShort: counts.cutShort + cutShort,
      foreign: counts.foreign + listed.length - deadLetters.length,
    };
    newest = [...newest, ...listed].sort((a, b) => byTime(a.entry.record, b.entry.record)).slice(-limit);
  }
  return { newest, counts };
}

function byTime(a: LogRecord, b: LogRecord): number {
  return Number(a.timestamp) - Number(b.timestamp) || a.partition - b.partition || a.offset - b.offset;
}

function describeCounts(
  topic: string,
  shown: number,
  { deadLetters, awaiting, cutShort, foreign }: Counts,
): string {
  const all = deadLetters + foreign;
  if (all === 0) return `${topic} has no dead letters: ${deadLettersTopic(topic)} is empty`;
  return [
    `${countDeadLetters(deadLetters)} of ${topic}, ${number(awaiting)} not replayed`,
    ...(cutShort === 0 ? [] : [`cut short: ${number(cutShort)}`]),
    ...(foreign === 0 ? [] : [`records that are not dead letters: ${number(foreign)}`]),
    ...(shown < all ? [`the newest ${number(shown)} are shown`] : []),
  ].join('; ');
}

function toJson({ entry, isReplayed }: ListedRecord): object {
  const { partition, offset, timestamp, key, value, headers } = entry.record;
  return {
    partition,
    offset,
    timestamp,
    replayed: isReplayed,
    ...(isDeadLetter(entry)
      ? { facts: entry.facts, ...(entry.cut && { cut: entry.cut }) }
      : { foreign: entry.reason }),
    key: base64(key),
    value: base64(value),
    headers: headers.map(([name, bytes]) => [name, base64(bytes)]),
  };
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString('base64');
}
