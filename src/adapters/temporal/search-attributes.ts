import { isGrpcServiceError, type Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/names.ts';

/** `temporal.api.enums.v1.IndexedValueType` */
const INDEXED_VALUE_TYPE = { Keyword: 2, Int: 3, Double: 4 } as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

export interface SearchAttributeReport {
  readonly present: readonly SearchAttributeName[];
  readonly missing: readonly SearchAttributeName[];
  /** Names that the namespace has with another type: the server would refuse our values. */
  readonly clashing: readonly SearchAttributeName[];
}

/** Which of this project's search attributes the namespace has, and which it lacks. */
export async function findMissingSearchAttributes({
  connection,
  options,
}: Client): Promise<SearchAttributeReport> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: options.namespace,
  });
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];
  const typeOf = (name: SearchAttributeName): number | undefined => customAttributes[name];
  const isOurs = (name: SearchAttributeName): boolean =>
    typeOf(name) === INDEXED_VALUE_TYPE[SEARCH_ATTRIBUTES[name]];
  return {
    present: names.filter(isOurs),
    missing: names.filter((name) => typeOf(name) === undefined),
    clashing: names.filter((name) => typeOf(name) !== undefined && !isOurs(name)),
  };
}

/** Registers the missing ones. @returns the state before */
export async function registerSearchAttributes(client: Client): Promise<SearchAttributeReport> {
  const report = await findMissingSearchAttributes(client);
  if (report.missing.length > 0) {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(
        report.missing.map((name) => [name, INDEXED_VALUE_TYPE[SEARCH_ATTRIBUTES[name]]]),
      ),
    });
  }
  return report;
}

/** gRPC's PERMISSION_DENIED, UNAUTHENTICATED, and UNIMPLEMENTED, as on Temporal Cloud. */
const REFUSALS = [7, 16, 12];

export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && isGrpcServiceError(error) && REFUSALS.includes(error.code);
}
