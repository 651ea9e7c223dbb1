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

/** Structured logs, never on standard output: that is for the result of a command. */
export function createLogger({ level, file, secrets = [] }: LogSettings): Logger {
  const options = { level, hooks: { streamWrite: createRedactor(secrets) } };
  if (file !== undefined) {
    return pino(options, pino.destination({ dest: file, mkdir: true, sync: false }));
  }
  if (!process.stderr.isTTY) return pino(options, pino.destination(2));
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } },
  });
}
