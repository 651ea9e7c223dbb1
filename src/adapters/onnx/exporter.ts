import type { ModelExport } from '../../activities/tracking/log-to-mlflow.ts';
import { ModelMismatch } from '../../domain/errors.ts';
import { startThread } from '../../forest/threads/thread.ts';
import type { ExportReply, ExportRequest } from './export-thread.ts';

/** A large forest takes seconds, so each export has a thread of its own. */
export const onnxExport: ModelExport = {
  toOnnx: (model, version, where) =>
    new Promise((resolve, reject) => {
      const request: ExportRequest = { model, version, where };
      const thread = startThread(import.meta.url, 'export-thread', request);
      thread.once('message', (reply: ExportReply) => {
        if ('onnx' in reply) resolve(reply.onnx);
        else if (reply.mismatch === null) reject(reply.error);
        else reject(new ModelMismatch({ ...reply.mismatch, cause: reply.error }));
      });
      thread.once('error', reject);
      thread.once('exit', () => {
        reject(new Error(`the thread that exports ${where} ended without an answer`));
      });
    }),
};
