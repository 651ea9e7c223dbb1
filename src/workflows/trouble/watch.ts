import {
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { batchOf, TROUBLE_SIGNAL } from '../../domain/names.ts';
import { describeTrouble, type FailedAttempt, type Trouble } from '../../domain/run/trouble.ts';
import { stepOfCall, type PipelineStep } from '../../domain/run/steps.ts';

/** From a worker about an activity, and from a child about itself; null when it is over. */
const troubleSignal = defineSignal<[from: string, trouble: FailedAttempt | Trouble | null]>(TROUBLE_SIGNAL);

interface Work {
  readonly step: PipelineStep | undefined;
  trouble: Trouble | null;
}

type Listener = (trouble: Trouble | null) => void;

/**
 * The activities and children that this workflow waits for, by activity or workflow id, and what is wrong with them.
 * A workflow has its own instance of this module.
 */
const inProgress = new Map<string, Work>();
const calls = new Map<string, number>();
let isListening = false;
let current: Trouble | null = null;
let told: Trouble | null = null;
let show: Listener = showTroubleDetails;
let announce: (trouble: Trouble) => void = () => undefined;

/** For a workflow that has no other details. */
export function showTroubleDetails(trouble: Trouble | null): void {
  setCurrentDetails(trouble ? `**needs attention**: ${describeTrouble(trouble)}` : '');
}

/** Called at every change, in place of {@link showTroubleDetails}. */
export function showTrouble(listener: Listener): void {
  show = listener;
}

export function currentTrouble(): Trouble | null {
  return current;
}

/** Called once when trouble begins, in a workflow without a parent: a parent announces the trouble of its children. */
export function announceTrouble(listener: (trouble: Trouble) => void): void {
  announce = listener;
}

/** @param name type of the activity or child */
export function beginWork(id: string, name: string): void {
  if (!isListening) setHandler(troubleSignal, setTrouble, { description: 'From workers: work that fails' });
  isListening = true;
  const earlierCalls = calls.get(name) ?? 0;
  calls.set(name, earlierCalls + 1);
  inProgress.set(id, { step: stepOfCall(name, earlierCalls), trouble: null });
}

export function endWork(id: string): void {
  inProgress.delete(id);
  changed();
}

/** Of work that has ended, a late signal says nothing. */
export function setTrouble(id: string, trouble: FailedAttempt | Trouble | null): void {
  const work = inProgress.get(id);
  if (!work) return;
  work.trouble = trouble && { ...placeOf(id), ...trouble, ...(work.step && { step: work.step }) };
  changed();
}

function placeOf(id: string): Pick<Trouble, 'place'> {
  const batch = batchOf(id.split('/').at(-1) ?? '');
  return batch === undefined ? {} : { place: `batch ${batch}` };
}

/** The oldest trouble is shown: in an outage all others are the same. */
function changed(): void {
  const oldest = [...inProgress.values()].find(({ trouble }) => trouble !== null)?.trouble ?? null;
  if (oldest === current) return;
  current = oldest;
  show(oldest);
  const isOther = oldest?.type !== told?.type || oldest?.activity !== told?.activity;
  if (isOther) tell(oldest);
}

/** A parent hears of a beginning, an end and another reason only, so that its history stays small. */
function tell(trouble: Trouble | null): void {
  const isNew = told === null;
  told = trouble;
  const { parent, workflowId } = workflowInfo();
  if (!parent) {
    if (trouble && isNew) announce(trouble);
    return;
  }
  // A parent that has ended meanwhile needs no signal.
  void getExternalWorkflowHandle(parent.workflowId)
    .signal(troubleSignal, workflowId, trouble)
    .catch(() => undefined);
}
