import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { describeToolFailure } from './process/tool-failure.ts';

export class JarDownloadFailed extends Error {
  override readonly name = 'JarDownloadFailed';
}

/** 44 MB take seconds on most connections; a slow one needs minutes. */
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

/**
 * Downloads what a POM lists once, with Maven. Several processes may call it at once.
 *
 * @param directory holds the jars: complete, or absent
 * @throws JarDownloadFailed with the reason alone
 */
export async function ensureJars(
  pom: string,
  directory: string,
  onDownload: () => void = () => undefined,
): Promise<string> {
  if (await exists(directory)) return directory;
  onDownload();
  await mkdir(dirname(directory), { recursive: true });
  const downloadDir = await mkdtemp(join(dirname(directory), `${basename(directory)}-download-`));
  try {
    await execa(
      'mvn',
      [
        '--batch-mode',
        '--quiet',
        '--strict-checksums',
        `--file=${pom}`,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${downloadDir}`,
      ],
      { timeout: DOWNLOAD_TIMEOUT_MS, cleanup: true, stdin: 'ignore' },
    );
    await publishDirectory(downloadDir, directory);
  } catch (error) {
    throw new JarDownloadFailed(describeToolFailure(error), { cause: error });
  } finally {
    await rm(downloadDir, { recursive: true, force: true });
  }
  return directory;
}

/** The rename is atomic: the directory is complete or absent. The slower of two processes finds it taken. */
async function publishDirectory(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
