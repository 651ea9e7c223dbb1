export { artifactsGc } from './artifacts-gc.ts';
export { modelRegistry } from './model-registry.ts';
export { notifications } from './notifications.ts';
export { ratingPipeline } from './rating-pipeline.ts';
export { scoreMicroBatch } from './score-micro-batch.ts';
export { scoreStream } from './score-stream.ts';
