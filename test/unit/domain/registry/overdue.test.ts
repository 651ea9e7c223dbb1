import { expect, test } from 'vitest';
import type { Champion, RegistryEntry } from '../../../../src/domain/registry/model-registry.ts';
import { describeOverdue, overdueAtMs } from '../../../../src/domain/registry/overdue.ts';
import { registeredModel } from '../../../support/unit/registered-model.ts';

const since = '2026-11-29T03:00:00.000Z';
const champion: Champion = { model: registeredModel('a'), since };
const { version } = champion.model;

test.for([
  ['nobody wants to know', undefined, champion, undefined],
  ['there is no champion', { hours: 36, toldOf: null }, null, undefined],
  ['people know', { hours: 36, toldOf: version }, champion, undefined],
  ['another champion was old', { hours: 36, toldOf: 'other' }, champion, '2026-11-30T15:00:00.000Z'],
  ['the hours are a fraction', { hours: 0.5, toldOf: null }, champion, '2026-11-29T03:30:00.000Z'],
] as const)('a champion becomes old: %s', ([, watch, serving, at]) => {
  expect(overdueAtMs(watch, serving)).toBe(at && Date.parse(at));
});

test('says how old the champion is and what became of the last model', () => {
  const last: RegistryEntry = {
    number: 2,
    at: since,
    change: 'kept',
    model: registeredModel('b'),
    reason: 'RMSE +0.2',
    champion: version,
  };
  const text = describeOverdue('imdb-score', champion, 36, last);

  expect(text).toContain(
    `no model has become the champion of imdb-score for 36 h: it is ${version}, since 2026-11-29 03:00 UTC.`,
  );
  expect(text).toContain('The last one was kept: RMSE +0.2.');
  expect(describeOverdue('imdb-score', champion, 36, undefined)).not.toContain('The last one');
});
