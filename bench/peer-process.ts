import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RawFiles } from './raw-file.ts';

export interface FitSettings {
  readonly trees: number;
  /** Unlimited when absent. */
  readonly maxDepth?: number;
  readonly featureFraction: number;
  readonly seed: number;
}

export interface Prediction {
  readonly seconds: number;
  readonly rmse: number;
}

/** A Python process with one of the libraries. It ends when this process ends, even if that is killed. */
export interface Peer {
  /** @returns seconds, without loading the rows */
  fit(rows: RawFiles, settings: FitSettings): Promise<number>;
  /** Predicts with the model of the last fit. */
  predict(rows: RawFiles): Promise<Prediction>;
  /** Frees the rows that it has loaded. */
  forget(rows: RawFiles): Promise<void>;
  load(rows: RawFiles): Promise<void>;
  /** The most memory the process has had so far, in bytes. */
  peakMemory(): Promise<number>;
  close(): Promise<void>;
}

export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/** Enough for an error message of a library. */
const STDERR_CHARS = 2000;

const replySchema = z.union([
  z.object({ ok: z.record(z.string(), z.number()) }),
  z.object({ error: z.string() }),
]);
const seconds = z.object({ seconds: z.number() });
const prediction = z.object({ seconds: z.number(), rmse: z.number() });
const memory = z.object({ peakBytes: z.number() });

/**
 * @param name of the file in `peers/`, without `_peer.py`
 * @param directory for files of its own
 */
export function startPeer(python: string, name: string, directory: string): Peer {
  // -B: no __pycache__ beside the sources.
  const script = join(import.meta.dirname, 'peers', `${name}_peer.py`);
  const child = spawn(python, ['-B', script, directory], { stdio: 'pipe' });
  const ask = createAsk(name, child);
  const loaded = new Set<string>();

  async function load({ name: rows, features, targets }: RawFiles): Promise<void> {
    if (loaded.has(rows)) return;
    await ask({ command: 'load', name: rows, features, targets });
    loaded.add(rows);
  }

  return {
    load,
    async fit(rows, { maxDepth = null, ...settings }) {
      await load(rows);
      return seconds.parse(await ask({ command: 'fit', name: rows.name, maxDepth, ...settings })).seconds;
    },
    async predict(rows) {
      await load(rows);
      return prediction.parse(await ask({ command: 'predict', name: rows.name }));
    },
    async forget({ name: rows }) {
      if (loaded.delete(rows)) await ask({ command: 'forget', name: rows });
    },
    async peakMemory() {
      return memory.parse(await ask({ command: 'memory' })).peakBytes;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** One request at a time. */
function createAsk(name: string, child: ChildProcessWithoutNullStreams) {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARS);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let spawnError: Error | undefined;
  child.on('error', (error) => {
    spawnError = error;
  });
  // Ignores EPIPE, because the end of stdout is handled below.
  child.stdin.on('error', () => undefined);

  return async (request: Readonly<Record<string, unknown>>): Promise<Record<string, number>> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
    if (done) {
      throw new PeerError(`${name} ended during ${JSON.stringify(request)}: ${stderr}`, {
        cause: spawnError,
      });
    }
    const reply = replySchema.parse(JSON.parse(value));
    if ('error' in reply) throw new PeerError(`${name}: ${reply.error}\n${stderr}`);
    return reply.ok;
  };
}
