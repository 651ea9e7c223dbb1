import type { SchemaRegistry } from '../../../src/activities/log/schema-registry.ts';
import { SchemaRefused, SchemaRegistryError } from '../../../src/domain/errors.ts';
import type { ValueReader } from '../../../src/domain/log/framed-value.ts';

/** A registry in memory. A worker has no schema in memory until it has loaded it. */
export function createMemorySchemas() {
  const stored = new Map<number, ValueReader>();
  const loaded = new Map<number, ValueReader>();
  const subjects = new Map<string, string>();
  const refused = new Set<string>();
  let isAway = false;
  const requireHere = (): void => {
    if (isAway) throw new SchemaRegistryError({ what: 'no answer' });
  };
  const registry: SchemaRegistry = {
    find: (id) => loaded.get(id),
    async load(id) {
      requireHere();
      const unknown: ValueReader = {
        format: 'none',
        reason: { what: `record has the unknown schema id ${id}` },
      };
      const reader = stored.get(id) ?? unknown;
      loaded.set(id, reader);
      return reader;
    },
    async register(subject, jsonSchema) {
      requireHere();
      if (refused.has(subject)) throw new SchemaRefused({ what: 'incompatible', where: subject });
      subjects.set(subject, jsonSchema);
      const id = [...subjects.keys()].indexOf(subject) + 1;
      stored.set(id, { format: 'json' });
      return id;
    },
  };
  return {
    registry,
    stored,
    subjects,
    refused,
    setAway: (away: boolean): void => {
      isAway = away;
    },
  };
}
