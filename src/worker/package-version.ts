import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The git commit of this package: the one that its build names (`GIT_COMMIT`), or the clone's; null elsewhere. */
export async function packageCommit(built: string | undefined): Promise<string | null> {
  if (built !== undefined) return built;
  const { stdout, failed } = await execa('git', ['rev-parse', '--show-toplevel', 'HEAD'], {
    cwd: ROOT,
    reject: false,
  });
  const [top, commit] = stdout.split('\n');
  // An installed package may lie inside another repository.
  if (failed || commit === undefined || `${top}/` !== ROOT) return null;
  return commit;
}

export function packageVersion(): string {
  // Beside both `src` and `dist`.
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
