import Table from 'cli-table3';
import type { Champion, RegistryEntry } from '../../domain/registry/model-registry.ts';
import { parsePromoteInput, parseRollbackInput } from '../../domain/registry/registry-input.ts';
import { createRegistryClient } from '../shared/registry-client.ts';
import { withClient } from '../shared/client.ts';

/** A line between all rows is more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;
const REASON_WIDTH = 60;

interface ListedModel {
  readonly name: string;
  readonly champion: Champion | null;
}

function modelsTable(models: readonly ListedModel[]): string {
  const table = newTable(['model', 'champion', 'since', 'RMSE', 'trained by']);
  for (const { name, champion } of models) {
    table.push([name, ...(champion ? championCells(champion) : ['none yet', '', '', ''])]);
  }
  return table.toString();
}

function championCells({ model, since }: Champion): string[] {
  return [model.version, toMinute(since), model.rmse.toFixed(4), model.run];
}

/** @param entries newest first */
function decisionsTable(entries: readonly RegistryEntry[]): string {
  const table = new Table({
    chars: COMPACT,
    head: ['', 'at', 'what', 'model', 'why', '95 % of RMSE', 'champion'],
    colWidths: [null, null, null, null, REASON_WIDTH],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { number, at, change, model, reason, interval, champion } of entries) {
    const range = interval ? interval.map(toSigned).join(' to ') : '';
    table.push([number, toMinute(at), change, model.version, reason, range, champion ?? 'none']);
  }
  return table.toString();
}

function toSigned(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

/** `2026-11-28 02:04` */
function toMinute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function newTable(head: string[]) {
  return new Table({ chars: COMPACT, head, style: { head: [], border: [] } });
}

interface Output {
  readonly json?: true;
}

export interface ChangeOptions extends Output {
  readonly reason?: string;
}

export interface ShowOptions extends Output {
  readonly limit: number;
}

export async function listModels({ json }: Output): Promise<void> {
  await withClient(async (client, { taskQueue }) => {
    const registry = createRegistryClient(client, taskQueue);
    const models: ListedModel[] = [];
    for (const name of await registry.names()) models.push({ name, champion: await registry.champion(name) });
    const text =
      models.length === 0
        ? `no model on task queue "${taskQueue}" yet: the first run registers one`
        : modelsTable(models);
    print(text, { models }, json);
  });
}

export async function showModels(name: string, { json, limit }: ShowOptions): Promise<void> {
  await withClient(async (client, { taskQueue }) => {
    const registry = createRegistryClient(client, taskQueue);
    const champion = await registry.champion(name);
    const decisions = (await registry.history(name)).toReversed();
    const shown = decisions.slice(0, limit);
    const rest = decisions.length - shown.length;
    const text = [
      modelsTable([{ name, champion }]),
      decisionsTable(shown),
      ...(rest > 0 ? [`and ${rest} older: see --limit`] : []),
    ];
    print(text.join('\n'), { name, champion, decisions: shown }, json);
  });
}

export async function promoteModel(name: string, version: string, options: ChangeOptions): Promise<void> {
  const { json, reason } = options;
  const input = parsePromoteInput({ version, ...(reason !== undefined && { reason }) });
  await withClient(async (client, { taskQueue }) => {
    const entry = await createRegistryClient(client, taskQueue).promote(name, input);
    print(describeChange(name, entry), { name, ...entry }, json);
  });
}

export async function rollbackModel(name: string, { json, reason }: ChangeOptions): Promise<void> {
  const input = parseRollbackInput({ ...(reason !== undefined && { reason }) });
  await withClient(async (client, { taskQueue }) => {
    const entry = await createRegistryClient(client, taskQueue).rollback(name, input);
    print(describeChange(name, entry), { name, ...entry }, json);
  });
}

function describeChange(name: string, { change, model, reason }: RegistryEntry): string {
  return `${name}: ${model.version} is the champion now, ${change}: ${reason}`;
}

function print(text: string, facts: object, json: true | undefined): void {
  (json ? process.stderr : process.stdout).write(`${text}\n`);
  if (json) process.stdout.write(`${JSON.stringify(facts)}\n`);
}
