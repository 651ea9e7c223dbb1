import { stripVTControlCharacters } from 'node:util';
import { ExecaError } from 'execa';

/** One line: why a command failed. */
export function describeToolFailure(error: unknown): string {
  if (!(error instanceof ExecaError)) return error instanceof Error ? error.message : String(error);
  const { code, timedOut, exitCode } = error;
  if (code === 'ENOENT') return 'not found';
  if (code === 'EACCES') return 'not executable';
  if (timedOut) return 'timed out';
  const { stdout, stderr } = error as ExecaError<{ encoding: 'utf8' }>;
  const lines = stripVTControlCharacters(`${stderr}\n${stdout}`)
    .split('\n')
    .map((line) => line.trim());
  // The last line is a version from Node and advice from Maven: the first line about an error says more.
  const reason = lines.find((line) => /\berror\b.*\w/i.test(line)) ?? lines.findLast((line) => line !== '');
  return reason ?? `exit code ${exitCode ?? 'unknown'}`;
}
