import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { PROGRESS_QUERY } from '../../../src/domain/names.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { imdb, jsonOf } from '../command/imdb-command.ts';
import { startWorkerProcess } from '../worker/worker-process.ts';

const POLL_MS = 1000;
const WORST_DELAYS = 8;

export interface LargeRun {
  readonly client: Client;
  /** Addresses, directories and task queue of the worker and the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Of its own, for files of the measurement. */
  readonly directory: string;
  readonly workflowId: string;
  /** As `imdb run --set` takes them. */
  readonly settings: readonly string[];
  readonly onProgress?: (line: string) => void;
}

export interface LargeRunFigures {
  readonly result: PipelineResult;
  readonly seconds: number;
  /** Memory of the worker's process when the run starts; null where the system does not say. */
  readonly startBytes: number | null;
  /** The most memory that it has had since. */
  readonly peakBytes: number | null;
  /** The longest times that the worker's main thread was blocked during the run, longest first. */
  readonly blocked: readonly { readonly ms: number; readonly step: string }[];
  /** Of the query that the UI shows. */
  readonly queries: { readonly answered: number; readonly slowestMs: number; readonly longestGapMs: number };
  /** Activity attempts of the run that failed or timed out. */
  readonly lostAttempts: number;
}

/**
 * A run as the README starts it: `imdb worker` and `imdb run --wait`, processes of their own, while this asks for the
 * progress once a second.
 */
export async function runLarge(run: LargeRun): Promise<LargeRunFigures> {
  const delayFile = join(run.directory, 'loop-delay.jsonl');
  const preload = new URL('./loop-delay.js', import.meta.url).href;
  const worker = await startWorkerProcess({
    ...run.env,
    NODE_OPTIONS: `--import ${preload}`,
    LOOP_DELAY_FILE: delayFile,
  });
  try {
    const { pid } = worker.process;
    const startBytes = await forgetPeak(pid);
    const start = performance.now();
    const settings = run.settings.flatMap((setting) => ['--set', setting]);
    const command = imdb(['run', '--wait', '--json', '--id', run.workflowId, ...settings], run.env);
    const watch = watchProgress(run);
    const end = await command;
    const seconds = (performance.now() - start) / 1000;
    const { steps, ...queries } = await watch.stop();
    const peakBytes = await readMemory(pid, 'VmHWM');
    const blocked = await readDelays(delayFile, steps);
    if (end.exitCode !== 0) {
      const facts = JSON.stringify({ seconds, startBytes, peakBytes, blocked, queries });
      throw new Error(`the run failed: ${facts}\n${end.stdout}\n${end.stderr}`);
    }
    const result = jsonOf(end) as unknown as PipelineResult;
    const lostAttempts = await countLostAttempts(run);
    return { result, seconds, startBytes, peakBytes, blocked, queries, lostAttempts };
  } finally {
    await worker.kill();
  }
}

type Steps = PipelineProgress['steps'];

function watchProgress({ client, workflowId, onProgress }: LargeRun) {
  const handle = client.workflow.getHandle(workflowId);
  const stopping = new AbortController();
  let steps: Steps = [];
  let answered = 0;
  let slowestMs = 0;
  let longestGapMs = 0;
  let last: number | undefined;
  const polling = (async () => {
    while (!stopping.signal.aborted) {
      const asked = performance.now();
      // Before the run has started there is nobody to answer; a missing answer later is a gap.
      const progress = await handle.query<PipelineProgress>(PROGRESS_QUERY).catch(() => undefined);
      const now = performance.now();
      if (progress) {
        if (last !== undefined) longestGapMs = Math.max(longestGapMs, now - last);
        last = now;
        slowestMs = Math.max(slowestMs, now - asked);
        answered += 1;
        for (const { step, state, seconds, detail } of progress.steps) {
          const before = steps.find((other) => other.step === step);
          if (state === 'done' && before?.state !== 'done') {
            onProgress?.(`${step}: ${detail} (${seconds.toFixed(1)} s)`);
          }
        }
        steps = progress.steps;
      }
      await sleep(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await polling;
      return { steps, answered, slowestMs: Math.round(slowestMs), longestGapMs: Math.round(longestGapMs) };
    },
  };
}

/** From source, a worker that starts compiles its workflows, in more memory than many runs need. @returns what it has now */
async function forgetPeak(pid: number | undefined): Promise<number | null> {
  const file = `/proc/${pid}/clear_refs`;
  // 5: sets VmHWM to what the process has now.
  if (existsSync(file)) await writeFile(file, '5');
  return readMemory(pid, 'VmRSS');
}

async function readMemory(pid: number | undefined, name: 'VmHWM' | 'VmRSS'): Promise<number | null> {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(await readFile(file, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

async function readDelays(file: string, steps: Steps): Promise<LargeRunFigures['blocked']> {
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { readonly at: number; readonly ms: number })
    .sort((a, b) => b.ms - a.ms)
    .flatMap(({ at, ms }) => {
      const begun = steps.filter(({ begunAt }) => begunAt !== undefined && Date.parse(begunAt) <= at);
      const step = begun.at(-1)?.step;
      // A worker that starts compiles its workflows first.
      return step === undefined ? [] : [{ ms, step }];
    })
    .slice(0, WORST_DELAYS);
}

async function countLostAttempts({ client, workflowId }: LargeRun): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).reduce((sum, { activityTaskStartedEventAttributes: started }) => {
    return sum + Math.max(0, (started?.attempt ?? 1) - 1);
  }, 0);
}
