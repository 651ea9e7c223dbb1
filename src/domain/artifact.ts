import { z } from 'zod';

/** A file in the artifact store. Temporal payloads hold references, never contents. */
export interface ArtifactRef {
  /** Path inside the artifact store, `/`-separated. */
  readonly uri: string;
  /** Of the bytes, hex. Checked at every load. */
  readonly sha256: string;
  readonly bytes: number;
  /** Rows of a table, trees of a model, predictions: what the artifact consists of. */
  readonly rows: number;
}

/** Of Linux, in bytes: no file has a longer path or name. */
const MAX_PATH = 4_096;
const MAX_NAME = 255;

/** Cannot lead out of its directory, on any system. */
export function isFileName(name: string): boolean {
  return name !== '' && name.length <= MAX_NAME && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name);
}

/** Every uri that the artifact store writes is such a path. */
export function isArtifactUri(uri: string): boolean {
  return uri.length <= MAX_PATH && uri.split('/').every(isFileName);
}

const count = z.int().min(0);

/** A reference that an operator copies into an input. */
export function artifactRef() {
  return z.object({
    uri: z.string().refine(isArtifactUri, 'expected a path inside the artifact store, like "runs/…"'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'),
    bytes: count,
    rows: count,
  });
}
