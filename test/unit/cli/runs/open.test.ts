import { expect, test } from 'vitest';
import { generalLinks, openLinks } from '../../../../src/cli/runs/open.ts';
import { loadConfig } from '../../../../src/config.ts';

const UI = 'https://ui.example';
const config = loadConfig({ TEMPORAL_UI_URL: UI, TEMPORAL_NAMESPACE: 'films', TASK_QUEUE: 'a queue&more' });

test('imdb open without an id shows start forms, lists, schedule and registry', () => {
  expect(generalLinks(config).map(({ label, target }) => `${label}: ${target}`)).toEqual([
    `start a run: ${UI}/namespaces/films/workflows/start-workflow?taskQueue=a+queue%26more&workflowType=ratingPipeline`,
    `start a stream: ${UI}/namespaces/films/workflows/start-workflow?taskQueue=a+queue%26more&workflowType=scoreStream`,
    `only runs: ${UI}/namespaces/films/workflows?query=WorkflowType%3D%22ratingPipeline%22`,
    `only failed runs: ${UI}/namespaces/films/workflows?query=WorkflowType%3D%22ratingPipeline%22%20AND%20ExecutionStatus%3D%22Failed%22`,
    `nightly schedule: ${UI}/namespaces/films/schedules/imdb-nightly`,
    `models (imdb-score): ${UI}/namespaces/films/workflows/model-registry%2Fa%20queue%26more%2Fimdb-score`,
  ]);
});

test('imdb open takes a workflow id or --runs, not both', async () => {
  await expect(openLinks('nightly', { runs: true, open: false })).rejects.toThrow(
    'expected a workflow id or --runs, got both',
  );
});
