import type { Places } from '../../domain/run/worker-facts.ts';

export interface FindPlaceInput {
  /** Of the run, ISO 8601. */
  readonly startedAt: string;
  /** Whether the namespace knows the state of runs. */
  readonly hasStates: boolean;
}

/** Port: counts runs and the places for them. */
export interface RunPlaces {
  count(run: FindPlaceInput): Promise<Places>;
}

/** A local activity, because a run must not need a place to ask for one. It changes nothing. */
export function createFindPlace({ runPlaces }: { readonly runPlaces: RunPlaces }) {
  return async function findPlace(input: FindPlaceInput): Promise<Places> {
    return runPlaces.count(input);
  };
}
