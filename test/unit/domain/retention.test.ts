import { expect, test } from 'vitest';
import { isDisposable, urisIn, type Retained } from '../../../src/domain/retention.ts';

const SINCE = new Date('2026-11-01T00:00:00Z');
const RETAINED: Retained = {
  since: SINCE,
  folders: ['runs/nightly/'],
  uris: new Set(['runs/old/1/model-0123456789ab.model']),
};

const written = (uri: string, at = '2026-10-31T23:59:59Z') =>
  isDisposable({ uri, bytes: 1, writtenAt: new Date(at) }, RETAINED);

test('what is old and nothing refers to is removed', () => {
  expect(written('runs/old/1/train-0123456789ab.arrow')).toBe(true);
  expect(written('runs/nightly-2/1/train-0123456789ab.arrow')).toBe(true);
});

test.for([
  ['what a history or a registry names', 'runs/old/1/model-0123456789ab.model'],
  ['all of a run that is kept', 'runs/nightly/7/train-0123456789ab.arrow'],
  ['the jobs that streams share', 'runs/stream-jobs/job-0123456789ab.json'],
  ['what no run has written', 'own.model'],
] as const)('%s stays', ([, uri]) => {
  expect(written(uri)).toBe(false);
});

test('what is as young as the oldest running workflow stays', () => {
  expect(written('runs/old/1/train-0123456789ab.arrow', SINCE.toISOString())).toBe(false);
});

test('references are found at any depth of a value', () => {
  const value = {
    model: { artifact: { uri: 'a' } },
    tables: [{ uri: 'b', rows: 1 }, null],
    uri: 7,
    text: 'uri',
  };

  expect(urisIn(value)).toEqual(['a', 'b']);
});
