import type { TrainingProgress, TrainingSet, TreeRange } from '../../activities/training/forest-engine.ts';
import { TrainingError } from '../../domain/errors.ts';
import { startThread } from '../../forest/threads/thread.ts';
import type { MlForestOptions } from './options.ts';

/** The trees that a thread grows, one after the other, of a forest of these options. */
export interface MlTreesJob extends TrainingSet {
  readonly options: MlForestOptions;
  /** Features that each tree draws. */
  readonly drawn: number;
  readonly trees: TreeRange;
}

export interface GrownMlTree {
  /** In the order in which the tree drew them. */
  readonly features: readonly number[];
  /** The package's JSON of the tree. */
  readonly estimator: Uint8Array;
}

/**
 * A thread for each job: the package is synchronous and takes seconds a tree.
 *
 * @returns the trees, in the order of the jobs
 * @throws TrainingError when a thread fails or the signal aborts; the other threads are ended
 */
export async function growInThreads(
  jobs: readonly MlTreesJob[],
  { signal, onTrees }: TrainingProgress,
): Promise<readonly GrownMlTree[]> {
  if (signal.aborted) throw cancelled();
  const threads = jobs.map((job) => startThread(import.meta.url, 'growth-thread', job));
  const stop = () => Promise.all(threads.map((thread) => thread.terminate()));
  const cancel = (): void => void stop();
  signal.addEventListener('abort', cancel, { once: true });
  let done = 0;
  const grown = threads.map(
    (thread, i) =>
      new Promise<readonly GrownMlTree[]>((resolve, reject) => {
        const trees: GrownMlTree[] = [];
        thread.on('message', (tree: GrownMlTree) => {
          trees.push(tree);
          done += 1;
          onTrees?.(done);
          if (trees.length === jobs[i]?.trees.count) resolve(trees);
        });
        thread.once('error', (cause: Error) => {
          const where = 'ml-random-forest';
          reject(new TrainingError({ what: 'training failed', where, got: cause.message, cause }));
        });
        thread.once('exit', (code) => {
          const ended = { what: 'the training thread ended early', got: `exit code ${code}` };
          reject(signal.aborted ? cancelled() : new TrainingError(ended));
        });
      }),
  );
  try {
    return (await Promise.all(grown)).flat();
  } finally {
    signal.removeEventListener('abort', cancel);
    await stop();
  }
}

function cancelled(): TrainingError {
  return new TrainingError({ what: 'the training was cancelled', where: 'ml-random-forest' });
}
