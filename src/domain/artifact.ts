/** A file in the artifact store. References, never contents, travel through Temporal. */
export interface ArtifactRef {
  /** Path inside the artifact store, `/`-separated. */
  readonly uri: string;
  /** Of the bytes, hex. Checked at every load. */
  readonly sha256: string;
  readonly bytes: number;
  /** Rows in the table, or trees, predictions …: whatever the artifact counts. */
  readonly rows: number;
}
