import type { ForestParams } from '../domain/pipeline-input.ts';

export interface TrainingSet {
  /** One array per feature, each `rows` long, finite. */
  readonly columns: readonly (readonly number[])[];
  /** `rows` long, finite. */
  readonly targets: readonly number[];
}

/** Port: an implementation of random forest regression. */
export interface ForestEngine {
  readonly name: ForestParams['engine'];
  /**
   * Off the main thread, so that heartbeats go on; stops soon after `signal` aborts.
   * @returns the engine's own serialization; the same input gives the same bytes
   * @throws InvalidInput for parameters this engine cannot honour; TrainingError when the thread dies
   */
  train(set: TrainingSet, params: ForestParams, signal: AbortSignal): Promise<Uint8Array>;
  /** @throws ModelMismatch when the bytes are not this engine's */
  load(bytes: Uint8Array): Predictor;
}

export interface Predictor {
  /** @param rows feature vectors, in the order of training; one prediction each */
  predict(rows: readonly (readonly number[])[]): number[];
}
