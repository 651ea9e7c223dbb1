import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { InvalidInput } from '../domain/errors.ts';
import type {
  Champion,
  ModelProposal,
  ProposalOutcome,
  RegistryAnswer,
  RegistryEntry,
  RegistryState,
} from '../domain/registry/model-registry.ts';
import {
  isRegistryWorkflowId,
  REGISTRY_LOGGED_SIGNAL,
  registryQuery,
  registryUpdate,
  registryWorkflowId,
} from '../domain/names.ts';
import { createRegistryLedger, type RegistryLedger } from '../domain/registry/registry-ledger.ts';
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
import { createMlflowFollower, type FollowerState } from './registry/mlflow-follower.ts';

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
  input?: RegistryInput & { readonly state?: RegistryState; readonly mlflow?: FollowerState },
): Promise<void> {
  const { state, mlflow, ...given } = input ?? {};
  const { name } = orFail(() => parseOwn(given));
  const ledger = createRegistryLedger(state);
  const show = (): void => {
    setCurrentDetails(registryToMarkdown(name, ledger, follower.notes()));
  };
  const follower = createMlflowFollower(name, ledger, show, mlflow);
  handle(name, ledger, (entry) => {
    if (entry) follower.decided(entry);
    show();
  });
  setHandler(
    logged,
    (run) => {
      follower.logged(run);
    },
    { description: 'From runs: their model is a version in MLflow' },
  );
  show();
  for (;;) {
    await condition(() => isFull() || follower.isDue());
    if (isFull()) break;
    await follower.follow();
  }
  await condition(allHandlersFinished);
  const following = follower.state();
  await continueAsNew<typeof modelRegistry>({
    name,
    state: ledger.state(),
    ...(following && { mlflow: following }),
  });
}

/** @param onChange receives what was recorded, if anything was */
function handle(name: string, ledger: RegistryLedger, onChange: (entry?: RegistryEntry) => void): void {
  const now = (): string => new Date().toISOString();
  const answered = (entry: RegistryEntry): RegistryAnswer => {
    onChange(entry);
    return { answer: toAnswer(name, entry), ...entry };
  };
  const proposed = (outcome: ProposalOutcome): ProposalOutcome => {
    onChange(outcome.kind === 'recorded' ? outcome.entry : undefined);
    return outcome;
  };
  setHandler(propose, (proposal) => proposed(ledger.propose(parseProposal(proposal), now())), {
    description: 'For runs: proposes the model of a run',
    validator: (proposal) => void parseProposal(proposal),
  });
  setHandler(
    promote,
    (asked) => {
      const { version, reason } = parsePromoteInput(asked);
      return answered(ledger.promote(version, reason, now()));
    },
    {
      description: 'Make a version the champion: {"version": "a129832ca334", "reason": "…"}',
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
