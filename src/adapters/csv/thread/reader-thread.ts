import { parentPort } from 'node:worker_threads';
import type { DatasetFacts, ReadOptions } from '../../../activities/dataset/dataset-reader.ts';
import type { RatingRows } from '../../../domain/dataset/rating-table.ts';
import { PipelineError, type ErrorFacts } from '../../../domain/errors.ts';
import { openFrames } from './frames.ts';
import { readTable, type ReadTable } from './read-table.ts';

export type ThreadRequest =
  | {
      readonly kind: 'read';
      readonly file: { readonly descriptor: number; readonly name: string };
      readonly options: ReadOptions;
    }
  | { readonly kind: 'next' }
  | { readonly kind: 'close' };

export type ThreadReply =
  | { readonly kind: 'progress'; readonly rows: number }
  | { readonly kind: 'read'; readonly facts: DatasetFacts; readonly sha256: string; readonly bytes: number }
  /** null after the last ones. */
  | { readonly kind: 'rows'; readonly rows: RatingRows | null }
  | {
      readonly kind: 'failed';
      /** Of this project's own errors, which lose their class between threads. */
      readonly type: string | null;
      readonly facts: ErrorFacts | null;
      readonly error: unknown;
    };

const PROGRESS_INTERVAL_MS = 500;

const frames = openFrames();
let table: ReadTable | null = null;
let batches: Iterator<RatingRows, void> | null = null;

parentPort?.on('message', (request: ThreadRequest) => {
  handle(request).catch((error: unknown) => {
    const own = error instanceof PipelineError;
    post({ kind: 'failed', type: own ? error.name : null, facts: own ? error.facts : null, error });
  });
});

async function handle(request: ThreadRequest): Promise<void> {
  switch (request.kind) {
    case 'read': {
      table = await readTable(request.file, request.options, frames, createProgress());
      batches = table.batches();
      const { facts, sha256, bytes } = table;
      post({ kind: 'read', facts, sha256, bytes });
      return;
    }
    case 'next': {
      const next = batches?.next();
      post({ kind: 'rows', rows: next === undefined || next.done === true ? null : next.value });
      return;
    }
    case 'close':
      table = batches = null;
  }
}

function createProgress(): (rows: number) => void {
  let last = 0;
  return (rows) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS) return;
    last = now;
    post({ kind: 'progress', rows });
  };
}

function post(reply: ThreadReply): void {
  const buffers =
    reply.kind === 'rows' && reply.rows
      ? [reply.rows.rowIds, reply.rows.targets, ...reply.rows.columns].map(
          ({ buffer }) => buffer as ArrayBuffer,
        )
      : [];
  parentPort?.postMessage(reply, buffers);
}
