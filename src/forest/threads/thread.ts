import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type ResourceLimits } from 'node:worker_threads';

/**
 * Starts `<name>.ts` beside `besideUrl`, or its compiled `.js`, in a thread. From source, a small script registers tsx
 * first, because on Node 20 tsx does not extend to threads.
 */
export function startThread(
  besideUrl: string,
  name: string,
  workerData: unknown,
  limits?: ResourceLimits,
): Worker {
  const options = { workerData, ...(limits && { resourceLimits: limits }) };
  if (!besideUrl.endsWith('.ts')) {
    // A thread does not inherit `process.setSourceMapsEnabled`: its stack traces would name compiled files. It cannot be
    // given all options of its process, such as those of V8.
    return new Worker(new URL(`./${name}.js`, besideUrl), { ...options, execArgv: ['--enable-source-maps'] });
  }
  const commonJs = createRequire(import.meta.url).resolve('tsx/esm/api');
  const tsx = pathToFileURL(commonJs.replace(/\.cjs$/, '.mjs')).href;
  const entry = new URL(`./${name}.ts`, besideUrl).href;
  const script = `import { register } from '${tsx}'; register(); await import('${entry}');`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), options);
}
