import type { RegistryEntry } from '../domain/model-registry.ts';
import { parsePromoteInput, parseRollbackInput } from '../domain/registry-input.ts';
import { decisionsTable, modelsTable, type ListedModel } from './models-table.ts';
import { createRegistryClient } from './registry-client.ts';
import { withClient } from './with-client.ts';

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
