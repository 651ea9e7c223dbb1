/** What a worker says about itself and its namespace. */
export interface WorkerFacts {
  /** Of this package. */
  readonly version: string;
  /** The git commit it was built from; null when unknown. */
  readonly commit: string | null;
  /** Whether the namespace knows this project's search attributes: setting an unknown one would block the workflow. */
  readonly hasSearchAttributes: boolean;
  /** Whether NOTIFY_WEBHOOK is set. */
  readonly notifies: boolean;
  /** Where the reports are served, without a slash at the end; null when they are not. */
  readonly reportUrl: string | null;
  /** Of the Temporal UI, up to the namespace. */
  readonly uiUrl: string;
}
