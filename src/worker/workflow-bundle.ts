import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundle } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKFLOWS = fileURLToPath(new URL('../workflows', import.meta.url));
const DOMAIN = fileURLToPath(new URL('../domain', import.meta.url));
const STORE = fileURLToPath(new URL('../workflows/store', import.meta.url));
const TROUBLE = fileURLToPath(new URL('../workflows/trouble', import.meta.url));
const TRACING = fileURLToPath(new URL('../workflows/tracing', import.meta.url));
const VERSIONING = fileURLToPath(new URL('../workflows/versioning', import.meta.url));
/** Exists beside the compiled program only; the build writes it. */
export const BUILT_BUNDLE = fileURLToPath(new URL('../workflows.bundle.js', import.meta.url));
const CACHE_DIR = join(ROOT, 'node_modules/.cache/imdb-temporal');

export type AnyWorkflowBundle = WorkflowBundle | { readonly codePath: string };

/** Compiling takes three seconds of a core: a built program ships the bundle, and a clone keeps what it has compiled. */
export async function loadWorkflowBundle(logger: Logger): Promise<AnyWorkflowBundle> {
  const isBuilt = await access(BUILT_BUNDLE).then(
    () => true,
    () => false,
  );
  return isBuilt ? { codePath: BUILT_BUNDLE } : compileOnce(logger);
}

export async function compileWorkflows(logger: Logger): Promise<WorkflowBundle> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    workflowInterceptorModules: [TROUBLE, TRACING, STORE, VERSIONING],
    preloadModules: await listShared(),
    logger,
  });
  return { code: withoutSources(code) };
}

const SOURCE_MAP = /(?<=\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)[\w+/=]+\s*$/;

/** A source map needs no text of the sources to name files and lines; each thread of a worker keeps the whole bundle. */
function withoutSources(code: string): string {
  return code.replace(SOURCE_MAP, (encoded) => {
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as object;
    return Buffer.from(JSON.stringify({ ...map, sourcesContent: undefined })).toString('base64');
  });
}

/**
 * Modules keep no state, see `workflows/own-state.ts`, so all workflows of a worker share them. Otherwise every workflow would
 * evaluate them, zod and all schemas anew: most of what a micro-batch cost beyond its own work.
 */
async function listShared(): Promise<string[]> {
  return (await listSources()).filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'));
}

/** Compiles only what differs from the last time. */
export async function compileOnce(logger: Logger, cacheDir = CACHE_DIR): Promise<WorkflowBundle> {
  const file = join(cacheDir, `workflows-${await hashSources()}.js`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return { code: kept };
  const bundle = await compileWorkflows(logger);
  // A directory that cannot be written costs time only.
  await keep(file, bundle.code).catch(() => undefined);
  return bundle;
}

/** Of this file, of all that a workflow may import, and of the packages. The bundle contains absolute paths. */
async function hashSources(): Promise<string> {
  const hash = createHash('sha256').update(ROOT);
  for (const file of [
    fileURLToPath(import.meta.url),
    join(ROOT, 'package-lock.json'),
    ...(await listSources()),
  ]) {
    hash.update(`\n${file}\n`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** All that a workflow may import of this project. */
async function listSources(): Promise<string[]> {
  return [...(await listFiles(WORKFLOWS)), ...(await listFiles(DOMAIN))];
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** The rename is atomic, because several processes may start at once. */
async function keep(file: string, code: string): Promise<void> {
  const cacheDir = dirname(file);
  await mkdir(cacheDir, { recursive: true });
  const earlier = await readdir(cacheDir);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, file);
  await Promise.all(earlier.map((name) => rm(join(cacheDir, name), { force: true })));
}
