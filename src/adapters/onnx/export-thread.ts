import { parentPort, workerData } from 'node:worker_threads';
import { ModelMismatch } from '../../domain/errors.ts';
import { decodeModel } from '../../domain/model/model.ts';
import { forestOfModel } from '../forest-of-model.ts';
import { toOnnx } from './forest.ts';

export interface ExportRequest {
  readonly model: Uint8Array;
  readonly version: string;
  readonly where: string;
}

export type ExportReply =
  | { readonly onnx: Uint8Array }
  /** A thread passes no class of an error on; null: not a ModelMismatch. */
  | { readonly mismatch: ModelMismatch['facts'] | null; readonly error: Error };

reply(convert(workerData as ExportRequest));

function convert({ model, version, where }: ExportRequest): ExportReply {
  try {
    const { header, estimator } = decodeModel(where, model);
    const { engine, target, features } = header;
    const forest = forestOfModel(where, engine, estimator);
    return { onnx: toOnnx(forest, { version, engine, target, features }) };
  } catch (error) {
    return { mismatch: error instanceof ModelMismatch ? error.facts : null, error: error as Error };
  }
}

function reply(message: ExportReply): void {
  parentPort?.postMessage(message);
}
