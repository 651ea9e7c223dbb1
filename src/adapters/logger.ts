import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type Logger } from 'pino';
import { createRedactor } from '../domain/redaction.ts';

export type { Logger } from 'pino';

export interface LogSettings {
  readonly level: Logger['level'];
  /** Replaced in every line, whichever library wrote it. */
  readonly secrets?: readonly string[];
  /** Default: standard error, readable text on a terminal and JSON elsewhere. */
  readonly file?: string;
}

interface Work {
  readonly ids: object;
  isDone: boolean;
}

const current = new AsyncLocalStorage<Work>();

/**
 * Every line that is logged meanwhile on behalf of `work` has the ids, whichever library logs it. A connection that the
 * work has opened may live longer than the work: what it logs later belongs to other work.
 */
export async function logWith<T>(ids: object, work: () => Promise<T>): Promise<T> {
  const store: Work = { ids, isDone: false };
  try {
    return await current.run(store, work);
  } finally {
    store.isDone = true;
  }
}

function currentIds(): object {
  const store = current.getStore();
  return store && !store.isDone ? store.ids : {};
}

/** Structured logs, never on standard output: that is for the result of a command. */
export function createLogger({ level, file, secrets = [] }: LogSettings): Logger {
  const options = {
    level,
    mixin: currentIds,
    // Otherwise an error would lose its message: pino knows the field `err` alone.
    serializers: { error: pino.stdSerializers.err },
    hooks: { streamWrite: createRedactor(secrets) },
  };
  if (file !== undefined) {
    return pino(options, pino.destination({ dest: file, mkdir: true, sync: false }));
  }
  if (!process.stderr.isTTY) return pino(options, pino.destination(2));
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } },
  });
}
