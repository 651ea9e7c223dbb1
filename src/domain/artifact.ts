/** A file in the artifact store. References, never contents, travel through Temporal. */
export interface ArtifactRef {
  /** Path inside the artifact store, `/`-separated. */
  readonly uri: string;
  /** Of the bytes, hex. Checked at every load. */
  readonly sha256: string;
  readonly bytes: number;
  /** Rows of a table, trees of a model, predictions: what the artifact consists of. */
  readonly rows: number;
}
