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

const LOCAL = join(import.meta.dirname, '..', '.local');
/** Of the forest benchmark. */
const PEERS: VirtualEnvironment = {
  requirements: join(import.meta.dirname, 'requirements.txt'),
  directory: join(LOCAL, 'bench-venv'),
  megabytes: 650,
};
/** Of the load benchmark. */
const PANDAS: VirtualEnvironment = {
  requirements: join(import.meta.dirname, 'requirements-load.txt'),
  directory: join(LOCAL, 'bench-load-venv'),
  megabytes: 150,
};
/** Required by the pinned NumPy. */
const OLDEST_PYTHON = [3, 11] as const;

interface VirtualEnvironment {
  readonly requirements: string;
  readonly directory: string;
  /** About what it takes on the disk. */
  readonly megabytes: number;
}

/**
 * The peers of the forest benchmark, pinned in `requirements.txt`.
 * @throws EnvironmentError that names what to install
 */
export async function ensurePythonEnvironment(): Promise<PythonEnvironment> {
  const java = await javaVersion();
  const { python, version, pinned } = await ensureEnvironment(PEERS);
  return {
    python,
    versions: {
      python: version,
      java,
      'scikit-learn': pinned('scikit-learn'),
      spark: pinned('pyspark'),
      lightgbm: pinned('lightgbm'),
    },
  };
}

/**
 * The peer of the load benchmark, pinned in `requirements-load.txt`.
 * @throws EnvironmentError that names what to install
 */
export async function ensurePandas(): Promise<{
  readonly python: string;
  readonly versions: Readonly<Record<string, string>>;
}> {
  const { python, version, pinned } = await ensureEnvironment(PANDAS);
  return { python, versions: { python: version, pandas: pinned('pandas'), numpy: pinned('numpy') } };
}

/** Installed again when its requirements have changed. */
async function ensureEnvironment(environment: VirtualEnvironment) {
  const { directory } = environment;
  const requirements = readFileSync(environment.requirements, 'utf8');
  const stampFile = join(directory, 'requirements.sha256');
  const stamp = createHash('sha256').update(requirements).digest('hex');
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    await createEnvironment(environment);
    writeFileSync(stampFile, stamp);
  }
  const python = interpreterOf(environment);
  const { stdout } = await run(python, ['--version'], `remove ${directory} and run again`);
  return {
    python,
    version: stdout.replace('Python ', ''),
    pinned: (name: string): string =>
      new RegExp(`^${name}==(.+)$`, 'm').exec(requirements)?.[1] ?? 'not pinned',
  };
}

function interpreterOf({ directory }: VirtualEnvironment): string {
  return join(directory, 'bin', 'python');
}

async function createEnvironment(environment: VirtualEnvironment): Promise<void> {
  const { directory, requirements, megabytes } = environment;
  const install = `install Python ${OLDEST_PYTHON.join('.')} or newer with its venv module (Debian: apt-get install python3 python3-venv)`;
  const { stdout } = await run('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], install);
  const [major = 0, minor = 0] = stdout.split(' ').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    throw new EnvironmentError(`python3 is ${major}.${minor}: ${install}`);
  }
  progress(`creating ${directory} (about ${megabytes} MB, once)`);
  rmSync(directory, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', directory], install);
  const python = interpreterOf(environment);
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check'];
  const retry = 'check the connection to the package index and run again';
  await run(python, [...pip, 'install', '--no-deps', '-r', requirements], retry);
  await run(python, [...pip, 'check'], `complete ${requirements}`);
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
