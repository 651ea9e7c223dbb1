/** Port: the one directory whose files a run's input can name. */
export interface DataDirectory {
  /**
   * Opens a file for `use`, and closes it afterwards.
   *
   * @param path relative to the data directory
   * @throws InvalidInput when the path leads outside; DatasetError when there is no such file; what `use` throws
   */
  withFile<T>(path: string, use: (file: DataFile) => Promise<T>): Promise<T>;
}

export interface DataFile {
  /** As the input names it. */
  readonly name: string;
  /** Of the open file; valid in every thread of the process. */
  readonly descriptor: number;
}
