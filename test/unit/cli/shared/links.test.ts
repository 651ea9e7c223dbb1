import { expect, test } from 'vitest';
import { loadConfig } from '../../../../src/config.ts';
import { startFormUrl } from '../../../../src/cli/shared/links.ts';
import { generalLinks } from '../../../../src/cli/runs/open.ts';

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

test('imdb open without an id shows both start forms, the schedule and the registry', () => {
  expect(generalLinks(config).map(({ label, target }) => `${label}: ${target}`)).toEqual([
    `start a run: ${UI}/namespaces/films/workflows/start-workflow?taskQueue=a+queue%26more&workflowType=ratingPipeline`,
    `start a stream: ${UI}/namespaces/films/workflows/start-workflow?taskQueue=a+queue%26more&workflowType=scoreStream`,
    `nightly schedule: ${UI}/namespaces/films/schedules/imdb-nightly`,
    `models (imdb-score): ${UI}/namespaces/films/workflows/model-registry%2Fa%20queue%26more%2Fimdb-score`,
  ]);
});
