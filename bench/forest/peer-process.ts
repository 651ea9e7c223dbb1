import { z } from 'zod';
import type { RawFiles } from '../data/raw-file.ts';
import { startPythonProcess } from '../setup/peer-process.ts';

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

/** A Python process with one of the libraries. */
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

const nothing = z.object({});
const seconds = z.object({ seconds: z.number() });
const prediction = z.object({ seconds: z.number(), rmse: z.number() });
const memory = z.object({ peakBytes: z.number() });

/**
 * @param name of the file in `peers/`, without `_peer.py`
 * @param args a directory for files of its own, and settings
 */
export function startPeer(python: string, name: string, args: readonly string[]): Peer {
  const { ask, close } = startPythonProcess(python, `${name}_peer.py`, args);
  const loaded = new Set<string>();

  async function load({ name: rows, features, targets }: RawFiles): Promise<void> {
    if (loaded.has(rows)) return;
    await ask(nothing, { command: 'load', name: rows, features, targets });
    loaded.add(rows);
  }

  return {
    load,
    async fit(rows, { maxDepth = null, ...settings }) {
      await load(rows);
      return (await ask(seconds, { command: 'fit', name: rows.name, maxDepth, ...settings })).seconds;
    },
    async predict(rows) {
      await load(rows);
      return ask(prediction, { command: 'predict', name: rows.name });
    },
    async forget({ name: rows }) {
      if (loaded.delete(rows)) await ask(nothing, { command: 'forget', name: rows });
    },
    async peakMemory() {
      return (await ask(memory, { command: 'memory' })).peakBytes;
    },
    close,
  };
}
