import {
  createKafkaDeadLetters,
  type DeadLetterLog,
  type DeadLetterSurvey,
} from '../../adapters/kafka/dead-letters.ts';
import { isLetter, isReplayed } from '../../domain/log/dead-letter.ts';
import { deadLettersTopic } from '../../domain/names.ts';
import type { LogRecord } from '../../domain/log/record.ts';
import { nodeDigests } from '../../adapters/digests.ts';
import { createKafkaAdmin } from '../../adapters/kafka/admin.ts';
import { createKafka } from '../../adapters/kafka/client.ts';
import { createKafkaReader } from '../../adapters/kafka/reader.ts';
import { createRecordWriter } from '../../adapters/kafka/writer.ts';
import { loadProcessConfig } from '../../config.ts';
import { BrokerError, PipelineError } from '../../domain/errors.ts';
import { count, lettersTable, type ListedLetter } from './report.ts';

export const CHECK_BROKER = 'Check KAFKA_BROKERS and its credentials';

export async function withDeadLetters(work: (log: DeadLetterLog) => Promise<void>): Promise<void> {
  const { kafka: settings } = loadProcessConfig();
  // What goes wrong is told once, at the end; the client would tell every try.
  const kafka = createKafka(settings, () => undefined);
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings });
  const writeRecords = createRecordWriter({ admin, digests: nodeDigests });
  try {
    await work(createKafkaDeadLetters({ kafka, admin, reader, writeRecords, settings }));
  } finally {
    await reader.close();
    await admin.close();
  }
}

/** The hints of our errors are for runs, which try again by themselves. */
export function withHint(error: unknown, hint: string): unknown {
  return error instanceof PipelineError ? new BrokerError({ ...error.facts, hint, cause: error }) : error;
}

const number = new Intl.NumberFormat('en-US');

export interface ListOptions {
  readonly limit: number;
  readonly json?: true;
}

export interface LetterCounts {
  readonly letters: number;
  readonly awaiting: number;
  readonly strays: number;
}

export async function listDeadLetters(topic: string, { limit, json }: ListOptions): Promise<void> {
  const print = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  await withDeadLetters(async (log) => {
    try {
      const survey = await log.survey(topic);
      const { newest, counts } = survey
        ? await readNewest(log, topic, survey, limit)
        : { newest: [], counts: { letters: 0, awaiting: 0, strays: 0 } };
      if (newest.length > 0) print(lettersTable(topic, newest));
      print(survey ? describeCounts(topic, newest.length, counts) : noTopic(topic));
      if (!json) return;
      const letters = newest.map(toJson);
      process.stdout.write(`${JSON.stringify({ topic, ...counts, newest: letters })}\n`);
    } catch (error) {
      throw withHint(error, CHECK_BROKER);
    }
  });
}

export function noTopic(topic: string): string {
  return `${topic} has no dead letters: there is no topic ${deadLettersTopic(topic)}`;
}

/** Counting takes reading: offsets have gaps. No more than a chunk and the newest are held. */
async function readNewest(
  log: DeadLetterLog,
  topic: string,
  { ranges, positions }: DeadLetterSurvey,
  limit: number,
): Promise<{ readonly newest: readonly ListedLetter[]; readonly counts: LetterCounts }> {
  let newest: ListedLetter[] = [];
  let counts: LetterCounts = { letters: 0, awaiting: 0, strays: 0 };
  for await (const chunk of log.readChunks(topic, ranges, new AbortController().signal)) {
    const listed = chunk.map((letter) => ({ letter, isReplayed: isReplayed(letter.record, positions) }));
    const letters = listed.filter(({ letter }) => isLetter(letter));
    counts = {
      letters: counts.letters + letters.length,
      awaiting: counts.awaiting + letters.filter((entry) => !entry.isReplayed).length,
      strays: counts.strays + listed.length - letters.length,
    };
    newest = [...newest, ...listed].sort((a, b) => byTime(a.letter.record, b.letter.record)).slice(-limit);
  }
  return { newest, counts };
}

function byTime(a: LogRecord, b: LogRecord): number {
  return Number(a.timestamp) - Number(b.timestamp) || a.partition - b.partition || a.offset - b.offset;
}

function describeCounts(topic: string, shown: number, { letters, awaiting, strays }: LetterCounts): string {
  if (letters + strays === 0) return `${topic} has no dead letters: ${deadLettersTopic(topic)} is empty`;
  const all = `${count(letters)} of ${topic}, ${number.format(awaiting)} not replayed`;
  const others = strays === 0 ? '' : `; records that are none: ${number.format(strays)}`;
  return all + others + (shown < letters + strays ? `; the newest ${number.format(shown)} are shown` : '');
}

function toJson({ letter, isReplayed }: ListedLetter): object {
  const { partition, offset, timestamp, key, value, headers } = letter.record;
  return {
    partition,
    offset,
    timestamp,
    replayed: isReplayed,
    ...(isLetter(letter) ? { facts: letter.facts } : { stray: letter.stray }),
    key: base64(key),
    value: base64(value),
    headers: headers.map(([name, bytes]) => [name, base64(bytes)]),
  };
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString('base64');
}
