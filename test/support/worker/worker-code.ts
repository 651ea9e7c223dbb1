import { readFile, writeFile } from 'node:fs/promises';
import { DefaultLogger } from '@temporalio/worker';
import type { WorkerCode } from '../../../src/worker.ts';
import { compileOnce } from '../../../src/worker/workflow-bundle.ts';

/** Compiles the workflows once: a suite starts a hundred workers. */
export async function writeBundle(file: string): Promise<string> {
  const { code } = await compileOnce(new DefaultLogger('WARN'));
  await writeFile(file, code);
  return file;
}

/** @param bundleFile of {@link writeBundle} */
export async function readWorkerCode(bundleFile: string): Promise<WorkerCode> {
  // Fails here if the file is missing: the worker's error would not name it.
  await readFile(bundleFile);
  return { workflowBundle: { codePath: bundleFile } };
}
