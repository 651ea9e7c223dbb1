import {
  defineSearchAttributeKey,
  SearchAttributeType,
  type SearchAttributeUpdatePair,
} from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyLocalActivities,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { SEARCH_ATTRIBUTES } from '../domain/names.ts';
import type { RunEnd } from '../domain/run/run-details.ts';
import type { SearchAttributeValues } from '../domain/run/search-attributes.ts';
import { withAdvice } from '../domain/run/trouble.ts';
import type { WorkerFacts } from '../domain/run/worker-facts.ts';
import { failureOf, rootCause } from './failure.ts';
import { createNotices, type Notices } from './notices.ts';
import { setStore } from './store/index.ts';
import { beginTrace } from './tracing.ts';
import { announceTrouble, showTrouble, showTroubleDetails } from './trouble/watch.ts';

const { describeWorker } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

type AttributeName = keyof typeof SEARCH_ATTRIBUTES;
/** null removes an attribute. */
type AttributeUpdates = Readonly<Partial<Record<AttributeName, string | number | null>>>;

const ATTRIBUTE_TYPE = {
  Keyword: SearchAttributeType.KEYWORD,
  Double: SearchAttributeType.DOUBLE,
  Int: SearchAttributeType.INT,
} as const;

export interface WorkflowContext extends Notices {
  /**
   * Asks the worker for its facts and records in the memo which version started this workflow. Attributes that were set
   * earlier take effect now. Later calls return the same facts.
   */
  readonly open: () => Promise<WorkerFacts>;
  /** Sets search attributes; does nothing in a namespace that lacks them. */
  readonly setAttributes: (values: SearchAttributeValues) => void;
}

/** Created before anything is awaited, so that signal handlers can use it. */
export function createWorkflowContext(): WorkflowContext {
  let facts: WorkerFacts | undefined;
  let early: SearchAttributeValues = {};
  let opening: Promise<WorkerFacts> | undefined;

  async function describe(): Promise<WorkerFacts> {
    const described = await describeWorker();
    const { version, commit, store } = described;
    const storeText = store ? `${store.place} (id ${store.id})` : 'unknown';
    upsertMemo({ version, commit: commit ?? 'unknown', store: storeText });
    if (store) setStore(store.id);
    if (described.traces) beginTrace();
    facts = described;
    set({ ...clearedAttributes(), ...early });
    return described;
  }

  function set(values: AttributeUpdates): void {
    if (facts?.hasSearchAttributes && Object.keys(values).length > 0) {
      upsertSearchAttributes(toUpdates(values));
    }
  }

  const notices = createNotices(() => facts?.notifies);
  const context: WorkflowContext = {
    ...notices,
    open: () => (opening ??= describe()),
    setAttributes(values) {
      if (facts) set(values);
      else early = { ...early, ...values };
    },
  };
  announceTrouble(notices.onTrouble);
  return context;
}

/** Shows its trouble until it has more to show. */
export async function openWorkflowContext(): Promise<WorkflowContext> {
  const context = createWorkflowContext();
  await context.open();
  showTrouble((trouble) => {
    context.setAttributes({ PipelineState: trouble ? 'NeedsAttention' : 'Running' });
    showTroubleDetails(trouble);
  });
  return context;
}

/** Sets the state of a workflow that failed or was cancelled, and notifies of a failure; works during cancellation. */
export async function recordEnd(
  { open, setAttributes, notify }: WorkflowContext,
  error: unknown,
): Promise<void> {
  const { state } = endOf(error);
  await open();
  setAttributes({ PipelineState: state });
  // The failure of a run's stream fails the run, which sends the notification.
  const isChild = workflowInfo().parent !== undefined;
  if (state === 'Cancelled' || isChild) return;
  const { type } = failureOf(error);
  const text = withAdvice(rootCause(error), type);
  await CancellationScope.nonCancellable(() => notify('run.failed', text, { failure: type }));
}

/** If only a child or an activity was cancelled, the workflow fails. */
export function endOf(error: unknown): Exclude<RunEnd, { readonly state: 'Completed' }> {
  const isCancelled = isCancellation(error) && CancellationScope.current().consideredCancelled;
  return isCancelled ? { state: 'Cancelled' } : { state: 'Failed', failure: failureOf(error) };
}

/** The UI's start form copies the search attributes of the newest run, which say nothing about this one. */
function clearedAttributes(): AttributeUpdates {
  const { typedSearchAttributes, continuedFromExecutionRunId } = workflowInfo();
  if (continuedFromExecutionRunId !== undefined) return {};
  const inherited = typedSearchAttributes
    .getAll()
    .map(({ key }) => key.name)
    .filter(isOurs);
  return Object.fromEntries(inherited.map((name) => [name, null]));
}

function isOurs(name: string): name is AttributeName {
  return Object.hasOwn(SEARCH_ATTRIBUTES, name);
}

function toUpdates(values: AttributeUpdates): SearchAttributeUpdatePair[] {
  return Object.entries(values).map(([name, value]) => ({
    key: defineSearchAttributeKey(name, ATTRIBUTE_TYPE[SEARCH_ATTRIBUTES[name as AttributeName]]),
    value,
  })) as SearchAttributeUpdatePair[];
}
