import type { RegistryEntry } from './model-registry.ts';

/**
 * The champions that a rollback goes back to, as a stack: a promotion puts one on it, a rollback takes one off. So no
 * rollback returns to what an earlier one has left.
 *
 * @param entries oldest first; the first ones may be gone
 */
export function createReigns(entries: readonly Pick<RegistryEntry, 'change' | 'model' | 'champion'>[]) {
  const reigns: string[] = [];
  const withdrawn = new Set<string>();
  for (const { change, model, champion } of entries) {
    if (change === 'promoted' || change === 'promoted by hand') {
      reigns.push(model.version);
      withdrawn.delete(model.version);
    } else if (change === 'rolled back') {
      const left = reigns.pop();
      if (left !== undefined) withdrawn.add(left);
      withdrawn.delete(model.version);
    }
    if (champion !== null && reigns.at(-1) !== champion) reigns.push(champion);
  }
  return {
    /** Undefined when the present champion is the first, or there is none. */
    previous: (): string | undefined => reigns.at(-2),
    /** Whether it was rolled back, and not promoted by hand since. */
    isWithdrawn: (version: string): boolean => withdrawn.has(version),
  };
}
