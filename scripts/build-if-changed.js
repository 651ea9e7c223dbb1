/** Builds `dist` unless it is newer than all that it is built from: the built program starts in half the time. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** As old as the start of the build. Written last, so that a build that failed or was interrupted is repeated. */
const STAMP = join(ROOT, 'dist/built');

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter(
  // The build writes it.
  ({ name }) => name !== 'kernel.wasm',
);
const changedAtMs = Math.max(
  // A folder changes when a file is removed.
  ...sources.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs),
  ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map(
    (name) => statSync(join(ROOT, name)).mtimeMs,
  ),
);
const builtAtMs = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changedAtMs >= builtAtMs) {
  process.stderr.write('Building the program, which takes a moment\n');
  const startedAt = new Date();
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(STAMP, '');
  utimesSync(STAMP, startedAt, startedAt);
}
