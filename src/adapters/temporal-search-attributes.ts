import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';

/** `temporal.api.enums.v1.IndexedValueType` */
const INDEXED_VALUE_TYPE = { Keyword: 2, Int: 3, Double: 4 } as const;

type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

export interface SearchAttributeReport {
  readonly missing: readonly SearchAttributeName[];
  /** Names that the namespace has with another type: values of ours would be refused. */
  readonly clashing: readonly SearchAttributeName[];
}

/** What of this project's search attributes the namespace lacks. */
export async function findMissingSearchAttributes({
  connection,
  options,
}: Client): Promise<SearchAttributeReport> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: options.namespace,
  });
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];
  return {
    missing: names.filter((name) => customAttributes[name] === undefined),
    clashing: names.filter((name) => {
      const type: number | undefined = customAttributes[name];
      return type !== undefined && type !== INDEXED_VALUE_TYPE[SEARCH_ATTRIBUTES[name]];
    }),
  };
}

/** Registers what is missing. @returns what was */
export async function registerSearchAttributes(client: Client): Promise<readonly SearchAttributeName[]> {
  const { missing } = await findMissingSearchAttributes(client);
  if (missing.length === 0) return missing;
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(
      missing.map((name) => [name, INDEXED_VALUE_TYPE[SEARCH_ATTRIBUTES[name]]]),
    ),
  });
  return missing;
}
