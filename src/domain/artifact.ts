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
