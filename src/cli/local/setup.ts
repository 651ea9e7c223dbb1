import type { Client } from '@temporalio/client';
import {
  isRefusal,
  registerSearchAttributes,
  type SearchAttributeName,
} from '../../adapters/temporal/search-attributes.ts';
import { SEARCH_ATTRIBUTES } from '../../domain/names.ts';
import { withClient } from '../shared/client.ts';
import { describeError, UsageError } from '../shared/exit.ts';
import { commandText } from '../shared/failures.ts';
import { print } from '../shared/output.ts';

export async function setup(): Promise<void> {
  await withClient(async (client) => {
    print(await setUpNamespace(client));
  });
}

/**
 * Registers the search attributes; repeating it is harmless. Runs work without them.
 *
 * @returns which were registered, and which existed
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
    `  already registered: ${list(present)}`,
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
      'Runs work without search attributes. If no other program uses these, remove them and run setup again:\n' +
      `  ${command}`,
  );
}

function refused(namespace: string, cause: Error): UsageError {
  const attributes = Object.entries(SEARCH_ATTRIBUTES);
  const create = ['temporal', 'operator', 'search-attribute', 'create', '--namespace', namespace];
  const tcld = ['tcld', 'namespace', 'search-attributes', 'add', '--namespace', namespace];
  return new UsageError(
    `the server refuses to register search attributes: ${describeError(cause)}\n` +
      'Runs work without them, but cannot be found by state, model or RMSE. An administrator can run\n' +
      `  ${commandText(...create, ...attributes.flatMap(([name, type]) => ['--name', name, '--type', type]))}\n` +
      'or, in Temporal Cloud,\n' +
      `  ${commandText(...tcld, ...attributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]))}`,
    { cause },
  );
}
