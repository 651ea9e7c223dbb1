import { expect, test } from 'vitest';
import type { EndFinding } from '../../../../src/cli/explain/diagnosis.ts';
import { resetOf, toSettings } from '../../../../src/cli/explain/remedies.ts';
import { startedWork } from '../../../../src/cli/shared/history.ts';
import { readInput } from '../../../../src/cli/shared/input.ts';
import { collectSetting } from '../../../../src/cli/shared/settings.ts';
import { pipelineInputJsonSchema } from '../../../../src/domain/run/pipeline-input.ts';
import { callsOf, PIPELINE_STEPS, STEPS } from '../../../../src/domain/run/steps.ts';

/** Everything that a run may call. Each call was scheduled by the workflow task before it. */
const CALLS = PIPELINE_STEPS.flatMap((step) => callsOf(STEPS[step]));
const started = startedWork(
  CALLS.map((name, i) => ({
    eventId: longOf(i * 6 + 5),
    ...(name === STEPS['score stream'].child
      ? {
          startChildWorkflowExecutionInitiatedEventAttributes: {
            workflowType: { name },
            workflowTaskCompletedEventId: longOf(i * 6 + 4),
          },
        }
      : {
          activityTaskScheduledEventAttributes: {
            activityType: { name },
            workflowTaskCompletedEventId: longOf(i * 6 + 4),
          },
        }),
  })),
);

test('the calls in a history are assigned to all steps, in order', () => {
  expect([...new Set(started.map(({ step }) => step))]).toEqual(PIPELINE_STEPS);
});

test('a run that ended in renderReport is reset to its step "report"', () => {
  const { command, cost } = resetOf('nightly', 'run-id', started, endedIn('report', 'renderReport'));

  expect(command).toContain(`--event-id ${CALLS.indexOf('writeReport') * 6 + 4} `);
  expect(cost).toContain('repeats "report" and what follows');
});

test('a run with a changed artifact is reset to the step that wrote it', () => {
  const end = endedIn('report', 'writeReport', {
    type: 'ArtifactCorrupt',
    message: 'an artifact has changed',
    facts: { what: 'an artifact has changed', where: 'runs/a/b/model-card-0123456789ab.json' },
    causes: [],
  });

  expect(resetOf('nightly', 'run-id', started, end)).toMatchObject({
    command: expect.stringContaining(`--event-id ${CALLS.indexOf('evaluateModel') * 6 + 4} `) as unknown,
    cost: expect.stringContaining('repeats "evaluate" and what follows') as unknown,
  });
});

test('the flags that repeat a run give the same input', async () => {
  const input = {
    dataset: { path: 'it’s a file.csv', features: ['a b', 'c'], key: '7' },
    forest: { trees: 5 },
    topic: 'true',
    split: {},
  };
  const settings = toSettings(input)
    .filter((_, i) => i % 2 === 1)
    .reduce<ReturnType<typeof collectSetting>>((all, text) => collectSetting(text, all), []);

  expect(await readInput({ set: settings }, pipelineInputJsonSchema())).toEqual(input);
});

function endedIn(
  step: string,
  activity: string,
  failure: EndFinding['failure'] = { type: 'ArtifactStoreError', message: 'no space', causes: [] },
): EndFinding {
  return {
    kind: 'end',
    workflowId: 'nightly',
    path: [step, activity],
    attempts: 1,
    at: '',
    failure,
    outer: null,
  };
}

/** An event id. The client returns a `Long`, of which only the number and the text are used. */
function longOf(id: number): Long {
  return id as unknown as Long;
}
