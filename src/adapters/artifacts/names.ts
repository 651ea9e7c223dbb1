import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../../activities/artifact-store.ts';
import { REPORT_PAGE } from '../../domain/names.ts';

export const RUNS_FOLDER = 'runs';
const PAGE_NAME = new RegExp(`^${REPORT_PAGE}-[0-9a-f]{12}\\.html$`);

/** No other file of a store is served. */
export function isReportPage(segments: readonly string[]): boolean {
  return segments[0] === RUNS_FOLDER && PAGE_NAME.test(segments.at(-1) ?? '');
}

const HASH_DIGITS_IN_NAME = 12;

/** The same in every store, so that a store can be copied to another place. */
export function locate({ run, name, extension, sha256 }: Parameters<ArtifactStore['locate']>[0]): string {
  return `${folderOf(run)}/${name}-${sha256.slice(0, HASH_DIGITS_IN_NAME)}${extension}`;
}

/** A workflow id may contain any character; each of its parts becomes one safe path segment. */
export function folderOf(run: string): string {
  return [RUNS_FOLDER, ...run.split('/').map(toPathSegment)].join('/');
}

/** File systems allow 255 bytes. A workflow id may have 1,000, and encoding makes three of one. */
const MAX_SEGMENT_CHARS = 120;

function toPathSegment(part: string): string {
  const segment = encodeURIComponent(part).replaceAll('.', '%2E') || '%';
  if (segment.length <= MAX_SEGMENT_CHARS) return segment;
  // No encoded text contains "%-", so a shortened segment differs from every other one.
  return `${segment.slice(0, MAX_SEGMENT_CHARS)}%-${createHash('sha256').update(part).digest('hex')}`;
}
