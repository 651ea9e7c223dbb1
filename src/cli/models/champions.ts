import type { Champion, RegistryEntry } from '../../domain/registry/model-registry.ts';
import { parsePromoteInput, parseRollbackInput } from '../../domain/registry/registry-input.ts';
import { withClient } from '../shared/client.ts';
import { type JsonOption, print, printJson, table } from '../shared/output.ts';
import { createRegistryClient } from './registry.ts';

export interface ChangeOptions extends JsonOption {
  readonly reason?: string;
}

export interface HistoryOptions extends JsonOption {
  readonly limit: number;
}

interface ListedModel {
  readonly name: string;
  readonly champion: Champion | null;
}

export async function listModels(options: JsonOption): Promise<void> {
  await withClient(async (client, { taskQueue }) => {
    const registry = createRegistryClient(client, taskQueue);
    const models: ListedModel[] = [];
    for (const name of await registry.names()) models.push({ name, champion: await registry.champion(name) });
    const text =
      models.length === 0
        ? `no model on task queue "${taskQueue}" yet: the first run registers one`
        : modelsTable(models);
    print(text, options);
    printJson({ models }, options);
  });
}

export async function showModels(name: string, options: HistoryOptions): Promise<void> {
  await withClient(async (client, { taskQueue }) => {
    const registry = createRegistryClient(client, taskQueue);
    const champion = await registry.champion(name);
    const decisions = (await registry.history(name)).toReversed();
    const shown = decisions.slice(0, options.limit);
    const rest = decisions.length - shown.length;
    const text = [
      modelsTable([{ name, champion }]),
      decisionsTable(shown),
      ...(rest > 0 ? [`… and ${rest} older: see --limit`] : []),
    ];
    print(text.join('\n'), options);
    printJson({ name, champion, decisions: shown }, options);
  });
}

export async function promoteModel(name: string, version: string, options: ChangeOptions): Promise<void> {
  const { reason } = options;
  const input = parsePromoteInput({ version, ...(reason !== undefined && { reason }) });
  await withClient(async (client, { taskQueue }) => {
    const entry = await createRegistryClient(client, taskQueue).promote(name, input);
    print(describeChange(name, entry), options);
    printJson({ name, ...entry }, options);
  });
}

export async function rollbackModel(name: string, options: ChangeOptions): Promise<void> {
  const { reason } = options;
  const input = parseRollbackInput({ ...(reason !== undefined && { reason }) });
  await withClient(async (client, { taskQueue }) => {
    const entry = await createRegistryClient(client, taskQueue).rollback(name, input);
    print(describeChange(name, entry), options);
    printJson({ name, ...entry }, options);
  });
}

function describeChange(name: string, { change, model, reason }: RegistryEntry): string {
  return `${name}: ${model.version} is the champion now, ${change}: ${reason}`;
}

function modelsTable(models: readonly ListedModel[]): string {
  return table(
    models.map(({ name, champion }) => [
      name,
      ...(champion ? championCells(champion) : ['none yet', '', '', '']),
    ]),
    { head: ['model', 'champion', 'since', 'RMSE', 'trained by'] },
  );
}

function championCells({ model, since }: Champion): string[] {
  return [model.version, toMinute(since), model.rmse.toFixed(4), model.run];
}

const REASON_WIDTH = 60;

/** @param entries newest first */
function decisionsTable(entries: readonly RegistryEntry[]): string {
  return table(
    entries.map(({ number, at, change, model, reason, interval, champion }) => [
      number,
      toMinute(at),
      change,
      model.version,
      reason,
      interval ? interval.map(toSigned).join(' to ') : '',
      champion ?? 'none',
    ]),
    {
      head: ['', 'at', 'decision', 'model', 'reason', '95 % of RMSE', 'champion'],
      colWidths: [null, null, null, null, REASON_WIDTH],
      wordWrap: true,
    },
  );
}

function toSigned(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

/** `2026-11-28 02:04` */
function toMinute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
