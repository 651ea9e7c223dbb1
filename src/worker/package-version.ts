import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The git commit of this package: the one that its build names (`GIT_COMMIT`), or the clone's; null elsewhere. */
export async function packageCommit(built: string | undefined): Promise<string | null> {
  if (built !== undefined) return built;
  // Without git, or outside of a repository, there is no output.
  const run = promisify(execFile)('git', ['rev-parse', '--show-toplevel', 'HEAD'], { cwd: ROOT });
  const { stdout } = await run.catch(() => ({ stdout: '' }));
  const [top, commit] = stdout.split('\n');
  // An installed package may lie inside another repository.
  return commit !== undefined && `${top}/` === ROOT ? commit : null;
}

export function packageVersion(): string {
  // Beside both `src` and `dist`.
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
