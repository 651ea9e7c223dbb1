import { expect, test } from 'vitest';
import { loadConfig } from '../../../../src/config.ts';
import { startFormUrl } from '../../../../src/cli/shared/links.ts';

const UI = 'https://ui.example';
const config = loadConfig({ TEMPORAL_UI_URL: UI, TEMPORAL_NAMESPACE: 'films', TASK_QUEUE: 'a queue&more' });

test('the start form is prefilled with any task queue and type', () => {
  const url = new URL(startFormUrl(config.temporal, config.taskQueue, 'scoreStream'));

  expect(url.pathname).toBe('/namespaces/films/workflows/start-workflow');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    taskQueue: 'a queue&more',
    workflowType: 'scoreStream',
  });
});
