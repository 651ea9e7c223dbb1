import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { loadProcessConfig } from '../../src/config.ts';
import { progress } from '../suite/progress.ts';

/** A file of `requirements/`, with about what it takes on the disk. The tests of MLflow use theirs. */
const MEGABYTES = { forest: 900, mlflow: 900, pandas: 150, spark: 450 } as const;
export type EnvironmentName = keyof typeof MEGABYTES;

export interface PythonEnvironment {
  /** The interpreter of the virtual environment. */
  readonly python: string;
  readonly version: string;
  /** The version of a package that the requirements name. */
  readonly pinned: (name: string) => string;
}

/** A peer cannot be set up; the message says what to install. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** Required by the pinned NumPy. */
const OLDEST_PYTHON = [3, 11] as const;
const STAMP = 'complete';

/**
 * The pinned packages of `requirements/<name>.txt`, installed once for all copies of this project.
 *
 * @throws EnvironmentError that names what to install
 */
export async function ensurePythonEnvironment(name: EnvironmentName): Promise<PythonEnvironment> {
  const { file, requirements, directory } = placeOf(name);
  if (!existsSync(join(directory, STAMP))) {
    await createEnvironment(directory, file, MEGABYTES[name]);
    writeFileSync(join(directory, STAMP), '');
  }
  const python = interpreterOf(directory);
  const { stdout } = await run(python, ['--version'], `remove ${directory} and run again`);
  return {
    python,
    version: stdout.replace('Python ', ''),
    pinned: (distribution) =>
      new RegExp(`^${distribution}==(.+)$`, 'm').exec(requirements)?.[1] ?? 'not pinned',
  };
}

/** Whether the packages are installed already. */
export function hasPythonEnvironment(name: EnvironmentName): boolean {
  return existsSync(join(placeOf(name).directory, STAMP));
}

function placeOf(name: EnvironmentName) {
  const file = join(import.meta.dirname, '..', 'requirements', `${name}.txt`);
  const requirements = readFileSync(file, 'utf8');
  const hash = createHash('sha256').update(requirements).digest('hex').slice(0, 8);
  const directory = join(loadProcessConfig().local.cacheDir, 'bench', `${name}-${hash}`);
  return { file, requirements, directory };
}

/** @throws EnvironmentError if Spark would find none */
export async function javaVersion(): Promise<string> {
  // Chosen as Spark chooses it.
  const script = '"${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1';
  const { stdout } = await run(
    'sh',
    ['-c', script],
    'Spark needs Java 8, 11 or 17 (Debian: apt-get install openjdk-17-jre-headless), on PATH or in JAVA_HOME',
  );
  return /version "(.+?)"/.exec(stdout)?.[1] ?? 'unknown';
}

function interpreterOf(directory: string): string {
  return join(directory, 'bin', 'python');
}

async function createEnvironment(directory: string, requirements: string, megabytes: number): Promise<void> {
  const install = `install Python ${OLDEST_PYTHON.join('.')} or newer with its venv module (Debian: apt-get install python3 python3-venv)`;
  const { stdout } = await run('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], install);
  const [major = 0, minor = 0] = stdout.split(' ').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    throw new EnvironmentError(`python3 is ${major}.${minor}: ${install}`);
  }
  progress(`creating ${directory} (about ${megabytes} MB, once)`);
  rmSync(directory, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', directory], install);
  const python = interpreterOf(directory);
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check'];
  const retry = 'check the connection to the package index and run again';
  await run(python, [...pip, 'install', '--no-deps', '-r', requirements], retry);
  await run(python, [...pip, 'check'], `complete ${requirements}`);
}

async function run(command: string, args: readonly string[], hint: string): Promise<{ stdout: string }> {
  const { failed, stdout, stderr, shortMessage } = await execa(command, args, { reject: false });
  if (failed) {
    const output = [stdout, stderr].join('\n').trim().split('\n').slice(-5).join('\n');
    throw new EnvironmentError(`${hint}\n(${shortMessage ?? command})\n${output}`);
  }
  return { stdout };
}
