import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const DOWNLOAD_TIMEOUT_MS = 3 * 60_000;

/**
 * A process of its own, for two reasons: the SDK allows one runtime a process and the worker wants to
 * configure that one, and a download that hangs behind a firewall can be ended.
 */
const DOWNLOAD_SCRIPT = `
import { TestWorkflowEnvironment } from '@temporalio/testing';
const [version, downloadDir] = process.argv.slice(1);
const executable = { type: 'cached-download', version, downloadDir };
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
await environment.teardown();
`;

/** Writes the executable to `target`, in `workDir`. The SDK only downloads together with a start, so a server starts and stops. */
export async function downloadOfficialTemporal(
  version: string,
  workDir: string,
  target: string,
): Promise<void> {
  const downloadDir = join(workDir, 'official');
  await mkdir(downloadDir);
  await execa(
    process.execPath,
    ['--input-type=module', '--eval', DOWNLOAD_SCRIPT, `v${version}`, downloadDir],
    {
      // Where a script without a file looks for packages.
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdin: 'ignore',
      timeout: DOWNLOAD_TIMEOUT_MS,
    },
  );
  const [file] = await readdir(downloadDir);
  if (file === undefined) throw new Error(`the download of ${version} left no file`);
  await copyFile(join(downloadDir, file), target);
}
