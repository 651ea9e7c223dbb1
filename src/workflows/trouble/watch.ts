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

/** From a worker about an activity, and from a child about itself; null when it works again. */
const troubleSignal = defineSignal<[from: string, trouble: FailedAttempt | Trouble | null]>(TROUBLE_SIGNAL);

/** Every workflow has its own instance of this module. */
const ledger = createTroubleLedger({
  show: (trouble) => {
    show(trouble);
  },
  tell,
});
let show = showTroubleDetails;
let announce: (trouble: Trouble | null, isBeginning: boolean) => void = () => undefined;
let showWaiting: (reason: string | null) => void = () => undefined;
let isListening = false;

export const currentTrouble = ledger.current;
export const endWork = ledger.end;
export const setTrouble = ledger.set;

/** @param name type of the activity or child */
export function beginWork(id: string, name: string): void {
  if (!isListening) setHandler(troubleSignal, setTrouble, { description: 'From workers: work that fails' });
  isListening = true;
  ledger.begin(id, name, Date.now());
}

/** For a workflow that has no other details. */
export function showTroubleDetails(trouble: Trouble | null): void {
  setCurrentDetails(trouble ? `**Needs attention**: ${toProse(describeTrouble(trouble))}` : '');
}

/** @param listener called at every change, in place of {@link showTroubleDetails} */
export function showTrouble(listener: (trouble: Trouble | null) => void): void {
  show = listener;
}

/** @param listener called with what is no trouble, but takes its time; null when it is over */
export function showWaits(listener: (reason: string | null) => void): void {
  showWaiting = listener;
}

export function setWaiting(reason: string | null): void {
  showWaiting(reason);
}

/** Called at every change, in a workflow without a parent: a parent announces the trouble of its children. */
export function announceTrouble(listener: typeof announce): void {
  announce = listener;
}

function tell(trouble: Trouble | null, isBeginning: boolean): void {
  const { parent, workflowId } = workflowInfo();
  if (!parent) {
    announce(trouble, isBeginning);
    return;
  }
  // A parent that has ended meanwhile needs no signal.
  void getExternalWorkflowHandle(parent.workflowId)
    .signal(troubleSignal, workflowId, trouble)
    .catch(() => undefined);
}
