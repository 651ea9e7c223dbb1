import type { DeadLetterLog, DeadLetterSurvey } from '../../adapters/kafka/dead-letters.ts';
import { awaitingRanges, isCut, isDeadLetter, isUnproven } from '../../domain/log/dead-letter.ts';
import { untilSignal, UsageError } from '../shared/exit.ts';
import { number } from '../shared/output.ts';
import { noTopic, withDeadLetters, withProgress } from './list.ts';
import {
  type Awaiting,
  countDeadLetters,
  describeOutcome,
  type LeftAlone,
  MAX_SHOWN,
  type Outcome,
  type ReplayOptions,
  report,
  showDryRun,
  toLeftAlone,
} from './report.ts';

export async function replayDeadLetters(topic: string, options: ReplayOptions): Promise<void> {
  const interrupt = new AbortController();
  void untilSignal().then(() => {
    interrupt.abort();
  });
  await withDeadLetters(async (log) => {
    const { signal } = interrupt;
    const nothingDone = (error: unknown) => withProgress(error, 'nothing was replayed');
    const survey = await log.survey(topic).catch((error: unknown) => {
      throw nothingDone(error);
    });
    if (!survey) {
      report(topic, options, noTopic(topic), { replayed: 0, awaiting: 0, leftAlone: [] });
      return;
    }
    const awaiting = await readAwaiting(log, topic, survey, signal).catch((error: unknown) => {
      throw signal.aborted ? new UsageError('interrupted: nothing was replayed') : nothingDone(error);
    });
    if (options.dryRun) {
      showDryRun(topic, options, awaiting);
      return;
    }
    requireReplayable(topic, options, survey, awaiting);
    const outcome = await replayAll(log, topic, survey, awaiting.deadLetters, signal);
    report(topic, options, describeOutcome(topic, outcome), outcome);
  });
}

/** Read before anything is sent, to say how many there are and whether a replay is safe. */
async function readAwaiting(
  log: DeadLetterLog,
  topic: string,
  { ranges, positions, forgottenBeforeMs }: DeadLetterSurvey,
  signal: AbortSignal,
): Promise<Awaiting> {
  let awaiting: Awaiting = { deadLetters: 0, unproven: 0, first: [], leftAlone: [] };
  for await (const chunk of log.readChunks(topic, awaitingRanges(ranges, positions), signal)) {
    const deadLetters = chunk.filter(isDeadLetter).filter((entry) => !isCut(entry));
    const unproven = deadLetters.filter(({ record }) => isUnproven(record, positions, forgottenBeforeMs));
    awaiting = {
      deadLetters: awaiting.deadLetters + deadLetters.length,
      unproven: awaiting.unproven + unproven.length,
      first: [...awaiting.first, ...deadLetters].slice(0, MAX_SHOWN),
      leftAlone: [...awaiting.leftAlone, ...chunk.flatMap((entry) => toLeftAlone(topic, entry))],
    };
  }
  return awaiting;
}

/** @throws UsageError */
function requireReplayable(
  topic: string,
  { first }: ReplayOptions,
  { sourceExists }: DeadLetterSurvey,
  { deadLetters, unproven }: Awaiting,
): void {
  if (deadLetters > 0 && !sourceExists) {
    throw new UsageError(
      `there is no topic ${topic} to send its ${countDeadLetters(deadLetters)} to; create it first`,
    );
  }
  if (unproven > 0 && !first) {
    throw new UsageError(
      `${countDeadLetters(unproven)} of ${topic} may have been replayed before: they are older than the broker remembers ` +
        '(offsets.retention.minutes). Nothing was sent. If none of them was ever replayed, add --first',
    );
  }
}

async function replayAll(
  log: DeadLetterLog,
  topic: string,
  { ranges }: DeadLetterSurvey,
  awaiting: number,
  signal: AbortSignal,
): Promise<Outcome> {
  let replayed = 0;
  const leftAlone: LeftAlone[] = [];
  try {
    for (let isLast = false; !isLast;) {
      const chunk = await log.replayChunk(topic, ranges, signal);
      replayed += chunk.replayed;
      leftAlone.push(...chunk.leftAlone.flatMap((entry) => toLeftAlone(topic, entry)));
      isLast = chunk.isLast;
      if (!isLast) process.stderr.write(`${number(replayed)} of ${countDeadLetters(awaiting)} replayed\n`);
    }
    return { replayed, awaiting, leftAlone };
  } catch (error) {
    throw stopped(topic, { replayed, awaiting }, signal, error);
  }
}

/** A commit that was cut off may have happened; the next replay learns it from the broker. */
function stopped(
  topic: string,
  { replayed, awaiting }: Pick<Outcome, 'replayed' | 'awaiting'>,
  signal: AbortSignal,
  error: unknown,
): unknown {
  const done = `${number(replayed)} of ${countDeadLetters(awaiting)}`;
  const again = 'run it again for the rest, none is sent twice';
  if (signal.aborted)
    return new UsageError(`interrupted: replayed ${done} to ${topic}; ${again}`, { cause: error });
  return withProgress(error, `${done} are known to be replayed to ${topic}; ${again}`);
}
