import { REPORT_PAGE, SPLITS, UNWATCHED_ACTIVITY, workflowType } from '../names.ts';
import type { Role } from '../roles.ts';

interface Step {
  /** The activities that it calls, in order; those of a step with a `child` are called by the child. */
  readonly activities: readonly string[];
  /** Of the workers that take its activities. */
  readonly role: Role;
  /** The workflow that it starts. */
  readonly child?: string;
  /** A run has it only where the worker has this setting. */
  readonly setting?: string;
  /** Names of the artifacts that it writes; `*` stands for a number. */
  readonly artifacts: readonly string[];
}

/**
 * The steps of a run, in order, by the label that the UI and `imdb` show. Progress, `explain`, the advice on resets and
 * artifacts, the fault suite and the runbook's table follow from it. A reset to a step repeats it from its first call.
 */
export const STEPS = {
  load: {
    role: 'data',
    activities: ['loadDataset', 'checkDataset'],
    artifacts: ['dataset', 'profile', 'histograms'],
  },
  split: { role: 'data', activities: ['splitDataset'], artifacts: SPLITS },
  'publish batch': { role: 'data', activities: ['publishSplit'], artifacts: [] },
  'consume batch': { role: 'data', activities: ['consumeSplit'], artifacts: ['batch-consumed'] },
  train: {
    role: 'training',
    activities: ['trainForest', 'growTrees', 'assembleForest'],
    artifacts: ['model', 'trees-*'],
  },
  evaluate: { role: 'data', activities: ['evaluateModel'], artifacts: ['model-card'] },
  promote: { role: 'data', activities: ['compareModels', 'proposeModel'], artifacts: [] },
  'publish stream': { role: 'data', activities: ['publishSplit'], artifacts: [] },
  'score stream': {
    role: 'scoring',
    child: workflowType.scoreStream,
    activities: ['prepareStream', 'consumeMicroBatch', 'predictMicroBatch', 'publishPredictions'],
    artifacts: ['job', 'batch-*-rows', 'batch-*-dead-letters', 'batch-*-scored'],
  },
  reconcile: { role: 'data', activities: ['reconcileRun'], artifacts: ['predictions'] },
  report: { role: 'data', activities: ['writeReport', 'renderReport'], artifacts: ['report', REPORT_PAGE] },
  'log to mlflow': {
    role: 'data',
    setting: 'MLFLOW_TRACKING_URI',
    activities: ['openMlflowRun', 'logToMlflow'],
    artifacts: [],
  },
} as const satisfies Readonly<Record<string, Step>>;

export type PipelineStep = keyof typeof STEPS;
export const PIPELINE_STEPS = Object.keys(STEPS) as readonly PipelineStep[];
/** Those of every run, whatever its worker's settings. */
export const COMMON_STEPS = PIPELINE_STEPS.filter((step) => !('setting' in STEPS[step]));

type StepActivity = (typeof STEPS)[PipelineStep]['activities'][number];

/** Of the workflow `artifactsGc`. */
const GC_ACTIVITIES = ['collectArtifacts'] as const;
/** Of the workflow `modelRegistry`. */
const REGISTRY_ACTIVITIES = ['followInMlflow'] as const;
/** Of the workflow `notifications`. */
const OUTBOX_ACTIVITIES = ['sendNotification'] as const;
/** What a continuous stream calls beside the activities of `score stream`. */
const CONTINUOUS_ACTIVITIES = ['openStream', 'listOffsets', 'commitProgress'] as const;
/** What any workflow calls beside its steps. Local activities run where their workflow does. */
const COMMON_ACTIVITIES = {
  describeWorker: 'workflows',
  findPlace: 'workflows',
  findWorker: 'workflows',
  [UNWATCHED_ACTIVITY]: 'data',
} as const satisfies Readonly<Record<string, Role>>;

/** Every activity there is; `workflows/activities.ts` does not compile with one that is missing. */
export type ListedActivity =
  | StepActivity
  | (typeof CONTINUOUS_ACTIVITIES)[number]
  | (typeof GC_ACTIVITIES)[number]
  | (typeof REGISTRY_ACTIVITIES)[number]
  | (typeof OUTBOX_ACTIVITIES)[number]
  | keyof typeof COMMON_ACTIVITIES;

/** The activities of every run, in the order of their first calls. */
export const RUN_ACTIVITIES: readonly StepActivity[] = [
  ...new Set(COMMON_STEPS.flatMap((step): readonly StepActivity[] => STEPS[step].activities)),
];

/** The activities of a continuous stream. */
export const STREAM_ACTIVITIES = [...CONTINUOUS_ACTIVITIES, ...STEPS['score stream'].activities] as const;

const ROLE_OF_ACTIVITY: ReadonlyMap<string, Role> = new Map([
  ...PIPELINE_STEPS.flatMap((step) =>
    STEPS[step].activities.map((name) => [name, STEPS[step].role] as const),
  ),
  ...CONTINUOUS_ACTIVITIES.map((name) => [name, STEPS['score stream'].role] as const),
  ...[...GC_ACTIVITIES, ...REGISTRY_ACTIVITIES, ...OUTBOX_ACTIVITIES].map((name) => [name, 'data'] as const),
  ...Object.entries(COMMON_ACTIVITIES),
]);

/** Of the workers that take an activity; undefined for a name that is none. */
export function roleOfActivity(name: string): Role | undefined {
  return ROLE_OF_ACTIVITY.get(name);
}

/**
 * The step that a call in a run's own history belongs to. An activity that serves two steps serves them one after the
 * other.
 *
 * @param name of an activity or a child workflow
 * @param earlierCalls of the same name
 */
export function stepOfCall(name: string, earlierCalls: number): PipelineStep | undefined {
  const steps = PIPELINE_STEPS.filter((step) => callsOf(STEPS[step]).includes(name));
  return steps[Math.min(earlierCalls, steps.length - 1)];
}

/** What a run calls itself in a step, as the UI's event history shows it. */
export function callsOf({ child, activities }: Step): readonly string[] {
  return child === undefined ? activities : [child];
}

/**
 * The step that wrote an artifact.
 *
 * @param uri `<run>/<name>-<hash>.<extension>`, as an error names it
 */
export function stepOfArtifact(uri: string): PipelineStep | undefined {
  const [, name] = /([^/]+)-[0-9a-f]+\.\w+$/.exec(uri) ?? [];
  if (name === undefined) return undefined;
  return PIPELINE_STEPS.find((step) =>
    STEPS[step].artifacts.some((pattern) => new RegExp(`^${pattern.replace('*', '\\d+')}$`).test(name)),
  );
}
