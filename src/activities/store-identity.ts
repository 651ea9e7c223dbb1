/** Port: which artifact store this worker uses. */
export interface StoreIdentity {
  /** `/srv/artifacts` or `s3://bucket/prefix`, for people. */
  readonly place: string;
  /**
   * The same for all who see the same store, whatever they call it. The first one writes it into the store.
   * @throws ArtifactStoreError, AccessError
   */
  readonly id: () => Promise<string>;
}
