import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { progress } from './progress.ts';

export interface PythonEnvironment {
  /** The interpreter of the virtual environment. */
  readonly python: string;
  readonly versions: PeerVersions;
}

export interface PeerVersions {
  readonly python: string;
  readonly java: string;
  readonly 'scikit-learn': string;
  readonly spark: string;
  readonly lightgbm: string;
}

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const DIRECTORY = join(import.meta.dirname, '..', '.local', 'bench-venv');
const STAMP = join(DIRECTORY, 'requirements.sha256');
const INTERPRETER = join(DIRECTORY, 'bin', 'python');
/** Required by the pinned NumPy. */
const OLDEST_PYTHON = [3, 11] as const;

/**
 * The pinned peers in `.local/bench-venv`, reinstalled when `requirements.txt` has changed.
 * @throws EnvironmentError that names what to install
 */
export async function ensurePythonEnvironment(): Promise<PythonEnvironment> {
  const java = await javaVersion();
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const stamp = createHash('sha256').update(requirements).digest('hex');
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stamp) {
    await createEnvironment();
    writeFileSync(STAMP, stamp);
  }
  const { stdout } = await run(INTERPRETER, ['--version'], `remove ${DIRECTORY} and run again`);
  const pinned = (name: string): string =>
    new RegExp(`^${name}==(.+)$`, 'm').exec(requirements)?.[1] ?? 'not pinned';
  return {
    python: INTERPRETER,
    versions: {
      python: stdout.replace('Python ', ''),
      java,
      'scikit-learn': pinned('scikit-learn'),
      spark: pinned('pyspark'),
      lightgbm: pinned('lightgbm'),
    },
  };
}

async function createEnvironment(): Promise<void> {
  const install = `install Python ${OLDEST_PYTHON.join('.')} or newer with its venv module (Debian: apt-get install python3 python3-venv)`;
  const { stdout } = await run('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], install);
  const [major = 0, minor = 0] = stdout.split(' ').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    throw new EnvironmentError(`python3 is ${major}.${minor}: ${install}`);
  }
  progress(`creating ${DIRECTORY} (about 650 MB, once)`);
  rmSync(DIRECTORY, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', DIRECTORY], install);
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check'];
  const retry = 'check the connection to the package index and run again';
  await run(INTERPRETER, [...pip, 'install', '--no-deps', '-r', REQUIREMENTS], retry);
  await run(INTERPRETER, [...pip, 'check'], `complete ${REQUIREMENTS}`);
}

async function javaVersion(): Promise<string> {
  // Chosen as Spark chooses it.
  const script = '"${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1';
  const { stdout } = await run(
    'sh',
    ['-c', script],
    'Spark needs Java 8, 11 or 17 (Debian: apt-get install openjdk-17-jre-headless), on PATH or in JAVA_HOME',
  );
  return /version "(.+?)"/.exec(stdout)?.[1] ?? 'unknown';
}

async function run(command: string, args: readonly string[], hint: string): Promise<{ stdout: string }> {
  const { failed, stdout, stderr, shortMessage } = await execa(command, args, { reject: false });
  if (failed) {
    const output = [stdout, stderr].join('\n').trim().split('\n').slice(-5).join('\n');
    throw new EnvironmentError(`${hint}\n(${shortMessage ?? command})\n${output}`);
  }
  return { stdout };
}
