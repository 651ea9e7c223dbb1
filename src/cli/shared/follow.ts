import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import {
  type Client,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  ANSWER_WITHIN_MS,
  describeCallProblem,
  findWorkflow,
  isServerLost,
  type NoAnswer,
} from './client.ts';
import { describeError, UsageError } from './exit.ts';
import { runFailed } from './failures.ts';
import { describeWaiting, QUIET_MS } from './waiting.ts';

const POLL_INTERVAL_MS = 250;
const WAITING_INTERVAL_MS = 1_000;
/** A worker that has just ended the workflow answers at once. */
const LAST_ANSWER_WITHIN_MS = 2_000;

export interface StartedWorkflow {
  readonly handle: WorkflowHandle;
  readonly url: string;
}

/** Shows the progress of a workflow. */
export interface FollowView<Progress> {
  readonly update: (progress: Progress) => void;
  /** Called with what the workflow waits for after 5 s without progress, and with no lines when it continues. */
  readonly waitFor: (lines: readonly string[]) => void;
  readonly end: (outcome: 'completed' | 'failed' | 'left') => void | Promise<void>;
}

interface FollowOptions<Progress> {
  readonly query: () => Promise<Progress | NoAnswer>;
  /** Equal marks mean no progress. */
  readonly markOf: (progress: Progress) => string;
  readonly view: FollowView<Progress>;
  /** Resolves at Ctrl-C. */
  readonly left?: Promise<void>;
}

/**
 * Follows a workflow until it ends, also when it continues as new. It only reads and adds nothing to the history.
 *
 * @returns undefined when Ctrl-C came before the end
 * @throws RunFailed in one line; UsageError when the connection is lost while the workflow is still running
 */
export async function follow<Progress extends object, Result>(
  client: Client,
  { handle, url }: StartedWorkflow,
  { query, markOf, view, left }: FollowOptions<Progress>,
): Promise<Result | undefined> {
  const { workflowId } = handle;
  const end = watchEnd<Result>(client, handle, left);
  const monitor = createProgressMonitor(markOf, view);
  try {
    await Promise.all([
      pollProgress(end, query, monitor),
      watchForQuiet(end, (isAnswered) => readWaiting(client, workflowId, isAnswered), monitor),
    ]);
    if (end.hasLeft()) {
      await view.end('left');
      return undefined;
    }
    await showLast(client, query, monitor);
    const result = await end.result;
    await view.end('completed');
    return result;
  } catch (error) {
    await view.end('failed');
    throw toEnd(error, workflowId, url);
  } finally {
    await end.stop();
  }
}

/** Watches for the end: the workflow has ended, or Ctrl-C was pressed. */
function watchEnd<Result>(client: Client, handle: WorkflowHandle, left: Promise<void> | undefined) {
  const over = new AbortController();
  const openCalls = new Set<AbortController>();
  let hasLeft = false;

  function abortCalls(): void {
    over.abort();
    for (const open of openCalls) open.abort();
  }

  /** Aborted at the end: a call that is retried after the connection was closed would end the process. */
  async function call<T>(work: () => Promise<T>): Promise<T> {
    const open = new AbortController();
    // The client adds a listener for each of its requests.
    setMaxListeners(0, open.signal);
    openCalls.add(open);
    try {
      return await client.withAbortSignal(open.signal, work);
    } finally {
      openCalls.delete(open);
    }
  }

  const result = call(() => handle.result() as Promise<Result>).finally(abortCalls);
  // Awaited at the end; an earlier failure must not count as an unhandled rejection.
  result.catch(() => undefined);
  void left?.then(() => {
    hasLeft = true;
    abortCalls();
  });
  return {
    result,
    call,
    hasLeft: () => hasLeft,
    isOver: () => over.signal.aborted,
    pause: (ms: number) =>
      setTimeout(ms, undefined, { ref: false, signal: over.signal }).catch(() => undefined),
    async stop() {
      abortCalls();
      await result.catch(() => undefined);
    },
  };
}

type End = Omit<ReturnType<typeof watchEnd>, 'result'>;

/** Tracks when the workflow last made progress, and whether it answers queries. */
function createProgressMonitor<Progress extends object>(
  markOf: (progress: Progress) => string,
  view: FollowView<Progress>,
) {
  let mark: string | undefined;
  let movedAtMs = Date.now();
  let askedAtMs: number | undefined;
  let isAnswered = true;
  const isOld = (timeMs: number) => Date.now() - timeMs >= QUIET_MS;
  return {
    ask: () => {
      askedAtMs = Date.now();
    },
    receive: (answer: Progress | NoAnswer | 'server lost') => {
      askedAtMs = undefined;
      isAnswered = answer !== 'no worker';
      if (typeof answer !== 'object') return;
      const next = markOf(answer);
      if (next !== mark) {
        movedAtMs = Date.now();
        view.waitFor([]);
      }
      mark = next;
      view.update(answer);
    },
    isQuiet: () => isOld(movedAtMs),
    /** Also false while a query is pending for 5 s: without a worker it fails only after ten. */
    isAnswered: () => isAnswered && (askedAtMs === undefined || !isOld(askedAtMs)),
    waitFor: view.waitFor,
  };
}

type ProgressMonitor<Progress extends object> = ReturnType<typeof createProgressMonitor<Progress>>;

async function pollProgress<Progress extends object>(
  end: End,
  query: () => Promise<Progress | NoAnswer>,
  monitor: ProgressMonitor<Progress>,
): Promise<void> {
  while (!end.isOver()) {
    monitor.ask();
    const answer = await end.call(query).catch((error: unknown) => unlessServerLost(error, end));
    if (!end.isOver()) monitor.receive(answer);
    await end.pause(POLL_INTERVAL_MS);
  }
}

/** The last steps ended after the last poll. A failed query is ignored, because the result matters more. */
async function showLast<Progress extends object>(
  client: Client,
  query: () => Promise<Progress | NoAnswer>,
  monitor: ProgressMonitor<Progress>,
): Promise<void> {
  const signal = AbortSignal.timeout(LAST_ANSWER_WITHIN_MS);
  await client.withAbortSignal(signal, query).then(monitor.receive, () => undefined);
}

/** The client retries a lost connection; when it gives up, the call for the result fails. */
function unlessServerLost(error: unknown, end: End): 'server lost' {
  if (isServerLost(error) || end.isOver()) return 'server lost';
  throw error;
}

async function watchForQuiet<Progress extends object>(
  end: End,
  read: (isAnswered: boolean) => Promise<readonly string[]>,
  monitor: ProgressMonitor<Progress>,
): Promise<void> {
  while (!end.isOver()) {
    await end.pause(WAITING_INTERVAL_MS);
    if (end.isOver() || !monitor.isQuiet()) continue;
    const lines = await end
      .call(() => read(monitor.isAnswered()))
      .catch((error: unknown) => {
        if (!end.isOver()) throw error;
        return [];
      });
    if (!end.isOver() && monitor.isQuiet()) monitor.waitFor(lines);
  }
}

async function readWaiting(client: Client, workflowId: string, isAnswered: boolean): Promise<string[]> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, async () => {
      // By id alone: the workflow may have continued as new.
      const found = await findWorkflow(client, workflowId);
      return found ? describeWaiting(client, found, isAnswered) : [];
    });
  } catch (error) {
    if (isServerLost(error)) return [describeCallProblem(error) ?? ''];
    throw error;
  }
}

function toEnd(error: unknown, workflowId: string, url: string): Error {
  if (error instanceof WorkflowFailedError) return runFailed(workflowId, url, error);
  const cause = { cause: error };
  if (error instanceof WorkflowNotFoundError) {
    return new UsageError(`${workflowId} is gone: it was deleted, or its retention is over – ${url}`, cause);
  }
  const problem = describeCallProblem(error) ?? `cannot follow ${workflowId}: ${describeError(error)}`;
  return new UsageError(`${problem}; ${workflowId} is still running – ${url}`, cause);
}
