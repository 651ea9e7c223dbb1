/** A file of the artifact store. */
export interface StoredArtifact {
  readonly uri: string;
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** What may still be used. */
export interface Retained {
  /** Nothing that was written at this time or later is removed. */
  readonly since: Date;
  /** Of runs and streams that are running, or ended a short while ago. Everything below them stays. */
  readonly folders: readonly string[];
  /** Named by the histories of those, and by the registered models. */
  readonly uris: ReadonlySet<string>;
}

/**
 * Small, named by their content, and shared by all streams that score with one model: their time says nothing about their
 * last use.
 */
const SHARED_FOLDERS = ['runs/stream-jobs/'];

/** Whether nothing that is retained refers to the artifact. Files that no run has written stay. */
export function isDisposable({ uri, writtenAt }: StoredArtifact, retained: Retained): boolean {
  if (!uri.startsWith('runs/') || retained.uris.has(uri)) return false;
  if (writtenAt.getTime() >= retained.since.getTime()) return false;
  return ![...retained.folders, ...SHARED_FOLDERS].some((folder) => uri.startsWith(folder));
}

/** Every `uri` in a value, at any depth: references to artifacts are found without knowing who holds them. */
export function urisIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'uri' && typeof inner === 'string' ? [inner] : urisIn(inner),
  );
}
