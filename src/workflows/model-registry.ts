import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { InvalidInput } from '../domain/errors.ts';
import {
  CHAMPION_MEMO,
  type Champion,
  type ModelProposal,
  type ProposalOutcome,
  type RegistryAnswer,
  type RegistryEntry,
  type RegistryState,
} from '../domain/registry/model-registry.ts';
import {
  isRegistryWorkflowId,
  REGISTRY_LOGGED_SIGNAL,
  registryQuery,
  registryUpdate,
  registryWorkflowId,
} from '../domain/names.ts';
import type { OverdueWatch } from '../domain/registry/overdue.ts';
import { BY_HAND, createRegistryLedger, type RegistryLedger } from '../domain/registry/registry-ledger.ts';
import {
  parsePromoteInput,
  parseProposal,
  parseRegistryInput,
  parseRollbackInput,
  type PromoteInput,
  type RegistryInput,
  type RollbackInput,
} from '../domain/registry/registry-input.ts';
import { registryToMarkdown, toAnswer } from '../domain/registry/registry-view.ts';
import { orFail } from './failure.ts';
import { createNotices } from './notices.ts';
import { createMlflowFollower, type FollowerState } from './registry/mlflow-follower.ts';
import { createModelNews } from './registry/model-news.ts';

/** An update is five events, and a query replays them all. */
const MAX_HISTORY_EVENTS = 1_000;

const propose = defineUpdate<ProposalOutcome, [ModelProposal]>(registryUpdate.propose);
const promote = defineUpdate<RegistryAnswer, [PromoteInput]>(registryUpdate.promote);
const rollback = defineUpdate<RegistryAnswer, [RollbackInput | undefined]>(registryUpdate.rollback);
const logged = defineSignal<[run: string]>(REGISTRY_LOGGED_SIGNAL);
const championQuery = defineQuery<Champion | null>(registryQuery.champion);
const historyQuery = defineQuery<readonly RegistryEntry[]>(registryQuery.history);

/**
 * Records which model of one name was champion when. It never ends; the first run that proposes a model starts it.
 * Its handlers do not wait, so one change follows the other.
 */
export async function modelRegistry(
  input?: RegistryInput & {
    readonly state?: RegistryState;
    readonly mlflow?: FollowerState;
    readonly overdue?: OverdueWatch;
  },
): Promise<void> {
  const { state, mlflow, overdue, ...given } = input ?? {};
  const { name } = orFail(() => parseOwn(given));
  const ledger = createRegistryLedger(state);
  const show = (): void => {
    setCurrentDetails(registryToMarkdown(name, ledger, follower.notes()));
  };
  const recordChampion = createMemo();
  const follower = createMlflowFollower(name, ledger, show, mlflow);
  // Whether anybody wants to know is not asked here, because it may change while the registry runs.
  const notices = createNotices(() => undefined);
  const news = createModelNews(name, ledger, notices, overdue);
  handle(name, ledger, {
    proposed: news.proposed,
    decided(entry) {
      follower.decided(entry);
      if (BY_HAND.includes(entry.change)) news.decidedByHand(entry);
      recordChampion(ledger.champion());
      show();
    },
  });
  setHandler(
    logged,
    (run) => {
      follower.logged(run);
    },
    { description: 'From runs: their model is a version in MLflow' },
  );
  recordChampion(ledger.champion());
  show();
  for (;;) {
    const overdueMs = news.dueAtMs();
    const isDue = (): boolean => isFull() || follower.isDue() || news.dueAtMs() !== overdueMs;
    await (overdueMs === undefined
      ? condition(isDue)
      : condition(isDue, Math.max(1, overdueMs - Date.now())));
    if (isFull()) break;
    news.tellOverdue(Date.now());
    if (follower.isDue()) await follower.follow();
  }
  await condition(allHandlersFinished);
  await notices.close();
  const following = follower.state();
  const watch = news.state();
  await continueAsNew<typeof modelRegistry>({
    name,
    state: ledger.state(),
    ...(following && { mlflow: following }),
    ...(watch && { overdue: watch }),
  });
}

/** Records the champion where it can be read without a worker, when it has changed. */
function createMemo(): (champion: Champion | null) => void {
  let recorded: Champion | null = null;
  return (champion) => {
    if (champion === recorded) return;
    recorded = champion;
    upsertMemo({ [CHAMPION_MEMO]: champion });
  };
}

interface Listeners {
  /** Of a run or an operator. */
  readonly decided: (entry: RegistryEntry) => void;
  readonly proposed: (proposal: ModelProposal) => void;
}

function handle(name: string, ledger: RegistryLedger, { decided, proposed }: Listeners): void {
  const now = (): string => new Date().toISOString();
  const answered = (entry: RegistryEntry): RegistryAnswer => {
    decided(entry);
    return { answer: toAnswer(name, entry), ...entry };
  };
  setHandler(
    propose,
    (given) => {
      const proposal = parseProposal(given);
      const outcome = ledger.propose(proposal, now());
      proposed(proposal);
      if (outcome.kind === 'recorded') decided(outcome.entry);
      return outcome;
    },
    {
      description: 'For runs: proposes the model of a run',
      validator: (proposal) => void parseProposal(proposal),
    },
  );
  setHandler(
    promote,
    (asked) => {
      const { version, reason } = parsePromoteInput(asked);
      return answered(ledger.promote(version, reason, now()));
    },
    {
      description: 'Make a version the champion: {"version": "9a97ecc790a4", "reason": "…"}',
      validator: (asked) => {
        ledger.requirePromotable(parsePromoteInput(asked).version);
      },
    },
  );
  setHandler(rollback, (asked) => answered(ledger.rollback(parseRollbackInput(asked).reason, now())), {
    description: 'Go back to the previous champion: nothing, or {"reason": "…"}',
    validator: (asked) => {
      parseRollbackInput(asked);
      ledger.requireEarlier();
    },
  });
  setHandler(championQuery, () => ledger.champion(), {
    description: 'The champion, and since when',
  });
  setHandler(historyQuery, () => ledger.entries(), { description: 'Every decision, oldest first' });
}

function isFull(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > MAX_HISTORY_EVENTS;
}

/** No run asks a registry under another id. */
function parseOwn(given: unknown): { readonly name: string } {
  const { workflowId, taskQueue } = workflowInfo();
  const parsed = parseRegistryInput(given);
  if (isRegistryWorkflowId(workflowId, parsed.name)) return parsed;
  throw new InvalidInput({
    what: 'a registry has one workflow id, by task queue and model',
    expected: registryWorkflowId(taskQueue, parsed.name),
    got: workflowId,
    hint: 'The first run of the model starts it; there is no need to start one by hand',
  });
}
