import {
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { toProse } from '../../domain/markdown.ts';
import { TROUBLE_SIGNAL } from '../../domain/names.ts';
import { createTroubleLedger } from '../../domain/run/trouble-ledger.ts';
import { describeTrouble, type FailedAttempt, type Trouble } from '../../domain/run/trouble.ts';
import { ownState } from '../own-state.ts';

/** From a worker about an activity, and from a child about itself; null when it works again. */
const troubleSignal = defineSignal<[from: string, trouble: FailedAttempt | Trouble | null]>(TROUBLE_SIGNAL);

interface Watch {
  readonly ledger: ReturnType<typeof createTroubleLedger>;
  isListening: boolean;
  show: (trouble: Trouble | null) => void;
  announce: (trouble: Trouble | null, isBeginning: boolean) => void;
  showWaiting: (reason: string | null) => void;
}

const watch = ownState((): Watch => {
  const show = (trouble: Trouble | null): void => {
    watch().show(trouble);
  };
  return {
    ledger: createTroubleLedger({ show, tell }),
    isListening: false,
    show: showTroubleDetails,
    announce: () => undefined,
    showWaiting: () => undefined,
  };
});

export function currentTrouble(): Trouble | null {
  return watch().ledger.current();
}

export function setTrouble(id: string, trouble: FailedAttempt | Trouble | null): void {
  watch().ledger.set(id, trouble);
}

/** @param name type of the activity or child */
export function beginWork(id: string, name: string): void {
  const own = watch();
  if (!own.isListening)
    setHandler(troubleSignal, setTrouble, { description: 'From workers: work that fails' });
  own.isListening = true;
  own.ledger.begin(id, name, Date.now());
}

export function endWork(id: string): void {
  watch().ledger.end(id);
}

/** For a workflow that has no other details. */
export function showTroubleDetails(trouble: Trouble | null): void {
  setCurrentDetails(trouble ? `**Needs attention**: ${toProse(describeTrouble(trouble))}` : '');
}

/** @param listener called at every change, in place of {@link showTroubleDetails} */
export function showTrouble(listener: (trouble: Trouble | null) => void): void {
  watch().show = listener;
}

/** @param listener called with what is no trouble, but takes its time; null when it is over */
export function showWaits(listener: (reason: string | null) => void): void {
  watch().showWaiting = listener;
}

export function setWaiting(reason: string | null): void {
  watch().showWaiting(reason);
}

/** Called at every change, in a workflow without a parent: a parent announces the trouble of its children. */
export function announceTrouble(listener: Watch['announce']): void {
  watch().announce = listener;
}

function tell(trouble: Trouble | null, isBeginning: boolean): void {
  const { parent, workflowId } = workflowInfo();
  if (!parent) {
    watch().announce(trouble, isBeginning);
    return;
  }
  // A parent that has ended meanwhile needs no signal.
  void getExternalWorkflowHandle(parent.workflowId)
    .signal(troubleSignal, workflowId, trouble)
    .catch(() => undefined);
}
