import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundle } from '@temporalio/worker';

const WORKFLOWS = fileURLToPath(new URL('../workflows', import.meta.url));
const DOMAIN = fileURLToPath(new URL('../domain', import.meta.url));
const INTERCEPTORS = fileURLToPath(new URL('../workflows/trouble', import.meta.url));
/** Exists beside the compiled program only; the build writes it. */
export const BUILT_BUNDLE = fileURLToPath(new URL('../workflows.bundle.js', import.meta.url));

export type AnyWorkflowBundle = WorkflowBundle | { readonly codePath: string };

/** Compiling takes three seconds of a core, so a built program ships the bundle. */
export async function loadWorkflowBundle(logger: Logger): Promise<AnyWorkflowBundle> {
  const isBuilt = await access(BUILT_BUNDLE).then(
    () => true,
    () => false,
  );
  return isBuilt ? { codePath: BUILT_BUNDLE } : compileWorkflows(logger);
}

export async function compileWorkflows(logger: Logger): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    workflowInterceptorModules: [INTERCEPTORS],
    preloadModules: await listDomain(),
    logger,
  });
}

/**
 * The domain keeps no state, so all workflows of a worker share its modules. Otherwise every workflow would evaluate
 * them, zod and all schemas anew: most of what a micro-batch cost beyond its own work.
 */
async function listDomain(): Promise<string[]> {
  const files = await readdir(DOMAIN, { recursive: true });
  return files
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => join(DOMAIN, file))
    .sort();
}
