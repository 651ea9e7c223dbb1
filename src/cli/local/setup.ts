import type { Client } from '@temporalio/client';
import {
  isRefusal,
  registerSearchAttributes,
  type SearchAttributeName,
} from '../../adapters/temporal/search-attributes.ts';
import { SEARCH_ATTRIBUTES } from '../../domain/names.ts';
import { UsageError } from '../shared/output.ts';
import { commandText } from '../shared/failures.ts';
import { withClient } from '../shared/client.ts';

export async function setup(): Promise<void> {
  await withClient(async (client) => {
    process.stdout.write(`${await setUpNamespace(client)}\n`);
  });
}

/**
 * Registers the search attributes; again and again does no harm. Runs go on without them.
 *
 * @returns what was registered and what was there
 * @throws UsageError when one has another type, or the server refuses
 */
export async function setUpNamespace(client: Client): Promise<string> {
  const { namespace } = client.options;
  const { present, missing, clashing } = await registerSearchAttributes(client).catch((error: unknown) => {
    throw isRefusal(error) ? refused(namespace, error) : error;
  });
  const done = [
    `namespace "${namespace}":`,
    `  registered: ${list(missing)}`,
    `  there before: ${list(present)}`,
  ].join('\n');
  if (clashing.length > 0) throw clash(namespace, clashing, done);
  return done;
}

function list(names: readonly SearchAttributeName[]): string {
  return names.map((name) => `${name} (${SEARCH_ATTRIBUTES[name]})`).join(', ') || 'nothing';
}

function clash(namespace: string, names: readonly SearchAttributeName[], done: string): UsageError {
  const remove = ['temporal', 'operator', 'search-attribute', 'remove', '--namespace', namespace];
  const command = commandText(...remove, ...names.flatMap((name) => ['--name', name]));
  return new UsageError(
    `${done}\n  of another type: ${names.join(', ')}; expected ${list(names)}\n` +
      'Runs go on without search attributes. If nobody else uses these, remove them and set up again:\n' +
      `  ${command}`,
  );
}

function refused(namespace: string, cause: Error): UsageError {
  const attributes = Object.entries(SEARCH_ATTRIBUTES);
  const create = ['temporal', 'operator', 'search-attribute', 'create', '--namespace', namespace];
  const tcld = ['tcld', 'namespace', 'search-attributes', 'add', '--namespace', namespace];
  return new UsageError(
    `the server does not let this program register search attributes: ${cause.message}\n` +
      'Runs go on without; they cannot be found by state, model or RMSE. Somebody who may can type\n' +
      `  ${commandText(...create, ...attributes.flatMap(([name, type]) => ['--name', name, '--type', type]))}\n` +
      'or, in Temporal Cloud,\n' +
      `  ${commandText(...tcld, ...attributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]))}`,
    { cause },
  );
}
