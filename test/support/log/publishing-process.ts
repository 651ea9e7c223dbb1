import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { pollUntil } from '../poll-until.ts';
import type { ManyRowsPlan } from './publish-many-rows.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAM = 'test/support/log/publish-many-rows.ts';

export interface PublishingProcess {
  readonly pid: number;
  /** How it ended: a signal, or what it said last. */
  readonly ended: Promise<string>;
  /** Resolves when it has stopped itself. */
  readonly stopped: () => Promise<void>;
}

/** A process of its own that publishes many rows. It is killed when the test ends. */
export function startPublishing(
  env: Readonly<Record<string, string>>,
  plan: ManyRowsPlan,
): PublishingProcess {
  const args = ['--import', 'tsx', PROGRAM, JSON.stringify(plan)];
  let end: (outcome: string) => void;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const options = { cwd: ROOT, env: { ...process.env, ...env } };
  const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
    end(error?.signal ?? (stdout || stderr));
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    async stopped() {
      await pollUntil(`process ${pid} to stop`, async () => (await stateOf(pid)) === 'T');
    },
  };
}

/** The letter after the name in parentheses. */
async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).at(0);
}
