/** Port: the one directory whose files a run's input can name. */
export interface DataDirectory {
  /**
   * @param path relative to the data directory
   * @throws InvalidInput when the path leads outside; DatasetError when there is no such file or it is not text
   */
  open(path: string): Promise<DataFile>;
}

export interface DataFile {
  readonly absolutePath: string;
  /** As the input names it. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}
