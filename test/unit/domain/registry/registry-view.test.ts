import { expect, test } from 'vitest';
import type { ModelProposal, RegisteredModel } from '../../../../src/domain/registry/model-registry.ts';
import { createRegistryLedger } from '../../../../src/domain/registry/registry-ledger.ts';
import { registryToMarkdown } from '../../../../src/domain/registry/registry-view.ts';
import { registeredModel } from '../../../support/unit/registered-model.ts';

const AT = '2026-11-29T14:03:22.123Z';
const a = registeredModel('a/0');
const b = registeredModel('b/0');
const c = registeredModel('c/0');

function promotionOf(model: RegisteredModel, against: RegisteredModel | null): ModelProposal {
  const { version = null } = against ?? {};
  return { model, verdict: 'promote', reason: 'better', against: version, comparison: null };
}

/** Three champions, one after the other. */
function threeChampions() {
  const ledger = createRegistryLedger();
  ledger.propose(promotionOf(a, null), AT);
  ledger.propose(promotionOf(b, a), AT);
  ledger.propose(promotionOf(c, b), AT);
  return ledger;
}

test('a registry names the champion and the former ones, in the order of rollbacks', () => {
  const text = registryToMarkdown('imdb-score', threeChampions());

  expect(text).toMatch(
    new RegExp(`^\\*\\*imdb-score\\*\\*: champion \\*\\*${c.version}\\*\\* since 2026-11-29 14:03`),
  );
  expect(text).toContain(`\`rollback\` goes back to **${b.version}**`);
  expect([...text.matchAll(/^- \*\*(\w+)\*\*/gm)].map(([, version]) => version)).toEqual([
    b.version,
    a.version,
  ]);
});

test('a champion that was rolled back is no longer named as one to go back to', () => {
  const ledger = threeChampions();
  ledger.rollback('worse', AT);
  const text = registryToMarkdown('imdb-score', ledger);

  expect([...text.matchAll(/^- \*\*(\w+)\*\*/gm)].map(([, version]) => version)).toEqual([a.version]);
});

test('decisions are rows of three columns, newest first, whatever the reason holds', () => {
  const ledger = threeChampions();
  ledger.promote(a.version, 'as | agreed\n*today*', AT);
  const [, , newest = ''] = registryToMarkdown('imdb-score', ledger)
    .split('\n')
    .filter((line) => line.startsWith('|'));

  expect(newest.split(/(?<!\\)\|/)).toHaveLength(5);
  expect(newest).toContain(String.raw`**promoted by hand**: as \| agreed \*today\*`);
});

test('a registry without a former champion says so', () => {
  const ledger = createRegistryLedger();
  expect(registryToMarkdown('new', ledger)).toBe('**new**: no champion yet');
  ledger.propose(promotionOf(a, null), AT);

  expect(registryToMarkdown('new', ledger)).toContain('There is no former champion to go back to.');
});
