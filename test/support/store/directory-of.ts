import type { StorePlace } from '../../../src/config/store-place.ts';

/** The path of a place that is a directory. */
export function directoryOf(place: StorePlace): string {
  if (place.kind === 'directory') return place.path;
  throw new Error(`expected a directory, got the bucket ${place.bucket}`);
}
