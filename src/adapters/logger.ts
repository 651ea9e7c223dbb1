import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export interface LogSettings {
  readonly level: Logger['level'];
  /** Default: standard error, readable text on a terminal and JSON elsewhere. */
  readonly file?: string;
}

/** Structured logs, never on standard output: that is for the result of a command. */
export function createLogger({ level, file }: LogSettings): Logger {
  if (file !== undefined) {
    return pino({ level }, pino.destination({ dest: file, mkdir: true, sync: false }));
  }
  if (!process.stderr.isTTY) return pino({ level }, pino.destination(2));
  return pino({
    level,
    transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } },
  });
}
