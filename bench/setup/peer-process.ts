import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** A process that answers requests, a line each. It ends when this process ends, even if that is killed. */
export interface PeerProcess {
  /** One request at a time. */
  readonly ask: <Reply>(
    schema: z.ZodType<Reply>,
    request: Readonly<Record<string, unknown>> | string,
  ) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

/** A peer ended, or refused a request. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/** Enough for an error message of a library. */
const STDERR_CHARS = 2000;

const replySchema = z.union([z.object({ ok: z.unknown() }), z.object({ error: z.string() })]);

/** @param script in `peers/`, see `protocol.py` there */
export function startPythonProcess(python: string, script: string, args: readonly string[]): PeerProcess {
  // -B: no __pycache__ beside the sources.
  return startPeerProcess(script, python, ['-B', join(import.meta.dirname, '..', 'peers', script), ...args]);
}

/** @param name for errors */
export function startPeerProcess(name: string, command: string, args: readonly string[]): PeerProcess {
  const child = spawn(command, args, { stdio: 'pipe' });
  const exchange = createExchange(name, child);
  return {
    ask: async (schema, request) => schema.parse(await exchange(request)),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

function createExchange(name: string, child: ChildProcessWithoutNullStreams) {
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

  return async (request: Readonly<Record<string, unknown>> | string): Promise<unknown> => {
    const line = typeof request === 'string' ? request : JSON.stringify(request);
    child.stdin.write(`${line}\n`);
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
    if (done) {
      throw new PeerError(`${name} ended during ${line}: ${stderr}`, {
        cause: spawnError,
      });
    }
    const reply = replySchema.parse(JSON.parse(value));
    if ('error' in reply) throw new PeerError(`${name}: ${reply.error}\n${stderr}`);
    return reply.ok;
  };
}
