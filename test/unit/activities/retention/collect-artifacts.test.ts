import { expect, test } from 'vitest';
import {
  createCollectArtifacts,
  type CollectDeps,
} from '../../../../src/activities/retention/collect-artifacts.ts';
import type { Retained, StoredArtifact } from '../../../../src/domain/retention.ts';
import { runActivity } from '../../../support/unit/activity.ts';

const DAY_MS = 86_400_000;

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * DAY_MS);
}

/** The removed files, request by request. */
function storeOf(files: readonly StoredArtifact[], retained: (since: Date) => Promise<Retained>) {
  const removed: (readonly string[])[] = [];
  const deps: CollectDeps = {
    inventory: {
      async *list() {
        yield* files;
      },
      async remove(uris) {
        removed.push(uris);
      },
    },
    references: { retained },
  };
  const collect = createCollectArtifacts(deps);
  return { removed, run: () => runActivity(collect, { keepDays: 30 }) };
}

test('old files that nothing refers to are removed, a thousand in a request', async () => {
  const files = Array.from({ length: 1_001 }, (_, at) => ({
    uri: `runs/old/${at}.arrow`,
    bytes: 2,
    writtenAt: daysAgo(31),
  }));
  const kept = [
    { uri: 'runs/old/champion.model', bytes: 1, writtenAt: daysAgo(400) },
    { uri: 'runs/young/1.arrow', bytes: 1, writtenAt: daysAgo(29) },
  ];
  const { removed, run } = storeOf([...files, ...kept], async (since) => ({
    since,
    folders: [],
    uris: new Set(['runs/old/champion.model']),
  }));

  expect(await run()).toEqual({ removed: 1_001, bytes: 2_002 });
  expect(removed.map(({ length }) => length)).toEqual([1_000, 1]);
  expect(removed.flat()).toEqual(files.map(({ uri }) => uri));
});

test('nothing is removed when it is not known what is referred to', async () => {
  const { removed, run } = storeOf([{ uri: 'runs/old/1.arrow', bytes: 1, writtenAt: daysAgo(31) }], () =>
    Promise.reject(new Error('no answer')),
  );

  await expect(run()).rejects.toThrow('no answer');
  expect(removed).toEqual([]);
});
