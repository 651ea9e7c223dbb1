import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import type { StoreUser } from '../../../src/adapters/temporal/store-roster.ts';
import type { Role } from '../../../src/domain/roles.ts';
import { NOT_CHECKED, watchNeeds } from '../../../src/worker/needs.ts';
import { test } from '../../support/unit/temp-dir.ts';

const PLACE = '/srv/artifacts';
const FINE = async (): Promise<void> => undefined;

interface World {
  readonly dir: string;
  readonly others?: readonly StoreUser[];
  readonly artifacts?: typeof FINE;
  readonly data?: typeof FINE;
}

/** A worker with its two checks, and the other workers that it finds. */
function watch(roles: readonly Role[], { dir, others = [], artifacts = FINE, data = FINE }: World) {
  const told: (readonly string[])[] = [];
  const announced: StoreUser[] = [];
  const file = join(dir, 'log');
  const needs = watchNeeds({
    roles,
    stores: {
      identity: { place: PLACE, id: async () => 'own' },
      checkArtifacts: artifacts,
      checkData: data,
    },
    roster: {
      announce: (user) => announced.push(user),
      list: async () => [...others],
      close: () => undefined,
    },
    worker: '2@b',
    logger: createLogger({ level: 'error', file }),
    onLacks: (lacks) => told.push(lacks),
    intervalMs: 1,
  });
  onTestFinished(() => needs.close());
  const errors = async (): Promise<string[]> => {
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    return lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
  };
  return { told, announced, errors };
}

/** Fails until it is told to pass. */
function failing(reason: string) {
  let isFixed = false;
  let calls = 0;
  return {
    check: async () => {
      calls += 1;
      if (!isFixed) throw new Error(reason);
    },
    fix: () => (isFixed = true),
    calls: () => calls,
  };
}

test('what a worker lacks is logged once, and is known until it is there', async ({ dir }) => {
  const artifacts = failing('no bucket');
  const data = failing('no directory');
  const { told, announced, errors } = watch(['data'], {
    dir,
    artifacts: artifacts.check,
    data: data.check,
  });

  await expect.poll(() => artifacts.calls()).toBeGreaterThan(2);
  expect(told.slice(0, 2)).toEqual([[NOT_CHECKED], ['no bucket', 'no directory']]);
  expect(announced).toEqual([]);
  artifacts.fix();
  await expect.poll(() => told.at(-1)).toEqual(['no directory']);
  data.fix();
  await expect.poll(() => told.at(-1)).toEqual([]);
  expect(await errors()).toEqual([
    'the worker lacks what its roles need: no bucket',
    'the worker lacks what its roles need: no directory',
  ]);
  expect(announced).toMatchObject([{ worker: '2@b', id: 'own', place: PLACE }]);
  const calls = data.calls();
  await expect.poll(() => told.length).toBeGreaterThan(calls + 10);
  expect(data.calls()).toBe(calls);
});

test.for<readonly [Role, readonly string[]]>([
  ['workflows', []],
  ['data', ['artifacts', 'data']],
  ['training', ['artifacts']],
  ['scoring', ['artifacts']],
])('a worker with the role %s looks for %j alone', async ([role, expected], { dir }) => {
  const { told } = watch([role], {
    dir,
    artifacts: failing('artifacts').check,
    data: failing('data').check,
  });

  await expect.poll(() => told[1]).toEqual(expected);
});

const EARLIER: StoreUser = { worker: '1@a', since: '2026-01-01T00:00:00.000Z', id: 'x', place: '/mnt/x' };
const LATER: StoreUser = { worker: '3@c', since: '9999-01-01T00:00:00.000Z', id: 'y', place: '/mnt/y' };

test('a worker whose store differs from an older one’s is not ready, and names it', async ({ dir }) => {
  const others = [EARLIER, { ...LATER, id: 'own' }];
  const { told } = watch(['scoring'], { dir, others });

  await expect.poll(() => told[1]).toHaveLength(1);
  expect(told[1]?.[0]).toMatch(
    /^worker 2@b does not see the artifact store of worker 1@a \[\/srv\/artifacts\]/,
  );
  expect(told[1]?.[0]).toContain('the store with id x (there /mnt/x)');
  others.shift();
  await expect.poll(() => told.at(-1)).toEqual([]);
});

test('a worker with the store of the oldest is ready, and names those that differ', async ({ dir }) => {
  const wrong = { ...LATER, since: '2026-01-02T00:00:00.000Z' };
  const { told, errors } = watch(['scoring'], { dir, others: [wrong, { ...EARLIER, id: 'own' }, LATER] });

  await expect.poll(() => told.length).toBeGreaterThan(3);
  expect(told.at(-1)).toEqual([]);
  expect(await errors()).toEqual([
    'worker 3@c uses another artifact store: /mnt/y, and this one /srv/artifacts',
  ]);
});
