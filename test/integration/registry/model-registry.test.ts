import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect } from 'vitest';
import type { RegistryEntry } from '../../../src/domain/registry/model-registry.ts';
import { workflowType } from '../../../src/domain/names.ts';
import { proposalOf, registeredModel, test } from '../../support/registry.ts';

const UPDATES = 1_000;
/** The server refuses more than ten updates of a workflow at the same time. */
const UPDATES_AT_ONCE = 8;

describe('the model registry', () => {
  test('keeps a complete history in order over 1,000 updates, while it continues as new', async ({
    worker: _worker,
    registry,
  }) => {
    const runs = Array.from({ length: UPDATES }, (_, i) => `nightly-${i}/0`);
    const promoted: string[] = [];
    await registry.propose('long', proposalOf('first/0', null));
    const champion = registeredModel('first/0').version;
    const firstRun = (await registry.handle('long').describe()).runId;

    for (let from = 0; from < UPDATES; from += UPDATES_AT_ONCE) {
      const concurrent = runs.slice(from, from + UPDATES_AT_ONCE);
      const outcomes = await Promise.all(
        concurrent.map((run) => registry.propose('long', proposalOf(run, champion, 'keep'))),
      );
      promoted.push(...outcomes.map(({ kind }) => kind));
    }

    expect(new Set(promoted)).toEqual(new Set(['recorded']));
    const history = await registry.history('long');
    expect(history.map(({ number }) => number)).toEqual(Array.from({ length: UPDATES + 1 }, (_, i) => i + 1));
    expect(history.map(({ model }) => model.run).sort()).toEqual(['first/0', ...runs].sort());
    expect(history.map(({ at }) => at)).toEqual(history.map(({ at }) => at).sort());
    expect((await registry.champion('long'))?.model.version).toBe(champion);
    expect((await registry.handle('long').describe()).runId).not.toBe(firstRun);
    // A run that repeats its proposal much later gets the entry recorded then.
    const again = await registry.propose('long', proposalOf('nightly-3/0', champion, 'keep'));
    expect(again).toMatchObject({
      kind: 'recorded',
      entry: { model: { run: 'nightly-3/0' }, change: 'kept' },
    });
    expect(await registry.history('long')).toHaveLength(UPDATES + 1);
  });

  test('goes back further with every rollback; only known, matching models are promoted', async ({
    worker: _worker,
    registry,
  }) => {
    const name = 'by-hand';
    const [a, b, c] = ['a/0', 'b/0', 'c/0'].map((run) => registeredModel(run).version) as [
      string,
      string,
      string,
    ];
    await registry.propose(name, proposalOf('a/0', null));
    await registry.propose(name, proposalOf('b/0', a));
    await registry.propose(name, proposalOf('c/0', b));
    await registry.propose(name, proposalOf('other/0', c, 'refuse', { schemaSha256: 'other' }));
    const update = (what: string, arg?: unknown) =>
      registry.handle(name).executeUpdate<RegistryEntry, [unknown]>(what, { args: [arg] });

    expect(await update('rollback')).toMatchObject({ change: 'rolled back', champion: b });
    expect(await update('rollback', { reason: 'also bad' })).toMatchObject({
      champion: a,
      reason: 'also bad',
    });
    await expect(refusalOf(update('rollback'))).resolves.toMatch(
      /no earlier champion to go back to.*the first/,
    );
    // Tonight's run trains the same model again.
    expect(await registry.propose(name, proposalOf('b-again/0', a, 'promote', { version: b }))).toMatchObject(
      {
        entry: { change: 'refused', champion: a },
      },
    );
    await expect(refusalOf(update('promote', { version: a }))).resolves.toContain('is the champion already');
    await expect(refusalOf(update('promote', { version: 'ffffffffffff' }))).resolves.toContain(
      `one of ${a}, ${b}`,
    );
    await expect(refusalOf(update('promote', { version: 'x' }))).resolves.toContain('expected 12 hex digits');
    await expect(refusalOf(update('promote', 'anything'))).resolves.toContain(
      'the input of the update is wrong',
    );
    await expect(refusalOf(update('propose', { model: 1 }))).resolves.toContain('Runs send it');
    const otherFeatures = registeredModel('other/0').version;
    await expect(refusalOf(update('promote', { version: otherFeatures }))).resolves.toContain(
      'other features',
    );
    expect(await update('promote', { version: c })).toMatchObject({
      change: 'promoted by hand',
      champion: c,
    });

    expect((await registry.champion(name))?.model).toEqual(registeredModel('c/0'));
    expect((await registry.history(name)).map(({ change }) => change)).toEqual([
      'promoted',
      'promoted',
      'promoted',
      'refused',
      'rolled back',
      'rolled back',
      'refused',
      'promoted by hand',
    ]);
  });

  test('records nothing for a comparison with a champion that is no longer one', async ({
    worker: _worker,
    registry,
  }) => {
    const name = 'stale';
    const [a, b] = ['a/0', 'b/0'].map((run) => registeredModel(run).version) as [string, string];
    await registry.propose(name, proposalOf('a/0', null));
    await registry.propose(name, proposalOf('b/0', a));
    expect(await registry.propose(name, proposalOf('late/0', a))).toEqual({ kind: 'stale', champion: b });
    await registry.handle(name).executeUpdate('rollback');
    // The same proposal: if responses were cached by its id, this one would be stale again.
    expect(await registry.propose(name, proposalOf('late/0', a))).toMatchObject({ kind: 'recorded' });
    expect((await registry.history(name)).map(({ model }) => model.run)).toEqual([
      'a/0',
      'b/0',
      'a/0',
      'late/0',
    ]);
  });

  test('shows in the UI what each update is for, and a table of its decisions', async ({
    worker: _worker,
    registry,
  }) => {
    const name = 'shown';
    await registry.propose(name, proposalOf('a/0', null, 'promote'));
    const { version } = registeredModel('a/0');
    const metadata = await registry.handle(name).query<{
      currentDetails: string;
      definition: {
        updateDefinitions: { name: string; description: string }[];
        queryDefinitions: { name: string }[];
      };
    }>('__temporal_workflow_metadata');

    expect(metadata.currentDetails).toContain(`**shown**: champion **${version}**`);
    expect(metadata.currentDetails).toContain(`${version}\u2003 | **promoted**: `);
    const { updateDefinitions, queryDefinitions } = metadata.definition;
    const described = Object.fromEntries(
      updateDefinitions.map((update) => [update.name, update.description]),
    );
    expect(described['promote']).toContain('{"version"');
    expect(described['rollback']).toContain('previous champion');
    expect(queryDefinitions.map((query) => query.name)).toEqual(
      expect.arrayContaining(['champion', 'history']),
    );
  });

  test('started under another id than runs use fails and names that id', async ({
    environment: { client, config, newId },
    worker: _worker,
  }) => {
    const run = client.workflow.execute(workflowType.modelRegistry, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
      args: [],
    });
    await expect(run).rejects.toMatchObject({
      cause: {
        type: 'InvalidInput',
        message: expect.stringContaining(`expected model-registry/${config.taskQueue}/imdb-score`) as unknown,
      },
    });
  });
});

async function refusalOf(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? '') : String(error);
}
