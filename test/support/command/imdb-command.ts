import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { PROGRAM } from './program.ts';

/** Ends a command that hangs before the test's own limit does, so that the failure shows its output. */
const COMMAND_LIMIT_MS = 20 * 60_000;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface CommandEnd {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the `imdb` command to its end, in a process of its own. */
export async function imdb(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  node: string = process.execPath,
): Promise<CommandEnd> {
  const { exitCode, stdout, stderr } = await execa(node, [...PROGRAM, ...args], {
    cwd: ROOT,
    env,
    reject: false,
    stdin: 'ignore',
    timeout: COMMAND_LIMIT_MS,
  });
  return { exitCode, stdout, stderr };
}

/** Starts an `imdb` command that runs until it is stopped. */
export function startImdb(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.pipe(process.stderr, { end: false });
  return child;
}

/** What `--json` prints as the last line. */
export function jsonOf({ stdout, stderr }: CommandEnd): Record<string, unknown> {
  if (stdout === '') throw new Error(`the command has printed nothing but: ${stderr}`);
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, unknown>;
}
