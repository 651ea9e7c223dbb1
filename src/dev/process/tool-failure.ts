import { stripVTControlCharacters } from 'node:util';
import { ExecaError } from 'execa';

/** One line for people: why a command failed. */
export function describeToolFailure(error: unknown): string {
  if (!(error instanceof ExecaError)) return error instanceof Error ? error.message : String(error);
  const { code, timedOut, exitCode } = error;
  if (code === 'ENOENT') return 'not there';
  if (code === 'EACCES') return 'not executable';
  if (timedOut) return 'timed out';
  const { stdout, stderr } = error as ExecaError<{ encoding: 'utf8' }>;
  const lines = stripVTControlCharacters(`${stderr}\n${stdout}`)
    .split('\n')
    .map((line) => line.trim());
  // Node ends with its version and Maven with advice: the first line that speaks of an error says most.
  const said = lines.find((line) => /\berror\b.*\w/i.test(line)) ?? lines.findLast((line) => line !== '');
  return said ?? `exit code ${exitCode ?? 'unknown'}`;
}
