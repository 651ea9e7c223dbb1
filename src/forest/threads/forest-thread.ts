import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { instantiateKernel } from '../kernel.ts';
import { addOutOfBagRows } from '../memory/out-of-bag-memory.ts';
import { predictBlock } from '../memory/scoring-memory.ts';
import type { GrowJob, GrownTree, PredictJob, PrepareJob, ThreadJob } from './thread-jobs.ts';
import { trainingControl } from './training-control.ts';
import { useTrainingMemory } from '../memory/training-memory.ts';

const module = workerData as WebAssembly.Module;

parentPort?.on('message', (job: ThreadJob) => {
  try {
    const { value, transfer } = run(job);
    parentPort?.postMessage({ value }, transfer);
  } catch (error) {
    parentPort?.postMessage({ error });
  }
});

function run(job: ThreadJob): { value?: readonly GrownTree[]; transfer?: Transferable[] } {
  switch (job.kind) {
    case 'prepare':
      prepare(job);
      return {};
    case 'grow': {
      const grown = grow(job);
      return { value: grown, transfer: grown.map(({ nodes }) => nodes.buffer) };
    }
    case 'out-of-bag':
      addOutOfBagRows(instantiateKernel(job.memory, module), job);
      return {};
    case 'predict':
      predict(job);
      return {};
  }
}

function prepare({ memory, layout, slot }: PrepareJob): void {
  const kernel = instantiateKernel(memory, module);
  const control = trainingControl(memory, layout.control);
  const { start } = useTrainingMemory(kernel, layout, slot);
  for (let f = control.takeNext(); f < layout.features; f = control.takeNext()) {
    kernel.prepareColumn(f, start);
  }
}

function grow({ memory, layout, slot, params, seed, firstTree, trees }: GrowJob): GrownTree[] {
  const kernel = instantiateKernel(memory, module);
  const control = trainingControl(memory, layout.control);
  const scratch = useTrainingMemory(kernel, layout, slot);
  kernel.useParams(...params);
  const grown: GrownTree[] = [];
  for (let i = control.takeNext(); i < trees; i = control.takeNext()) {
    const tree = firstTree + i;
    const count = kernel.growTree(seed, tree, scratch.nodes, scratch.importances);
    if (count < 0) return [];
    const nodes = new Uint8Array(count * 16);
    nodes.set(new Uint8Array(memory.buffer, scratch.nodes, nodes.length));
    const importances = new Float64Array(layout.features);
    importances.set(new Float64Array(memory.buffer, scratch.importances, layout.features));
    grown.push({ tree, nodes, importances });
    control.finishOne();
  }
  return grown;
}

function predict({ memory, layout, slot, columns, predictions, next }: PredictJob): void {
  const kernel = instantiateKernel(memory, module);
  const blocks = Math.ceil(predictions.length / layout.blockRows);
  for (let block = Atomics.add(next, 0, 1); block < blocks; block = Atomics.add(next, 0, 1)) {
    predictBlock({ kernel, memory, layout, slot }, columns, predictions, block);
  }
}
