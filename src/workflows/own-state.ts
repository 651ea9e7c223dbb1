/** Each workflow has its own properties of this object, in every mode of the SDK. */
const scope = globalThis as Record<symbol, unknown>;

/**
 * What belongs to one workflow alone. All workflows of a worker share the modules of this folder, so a variable of a module
 * would be that of them all.
 *
 * @param create called once for each workflow that asks for it
 */
export function ownState<State extends object>(create: () => State): () => State {
  const key = Symbol('own state');
  return () => (scope[key] ??= create()) as State;
}
