import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The exports of `assembly/kernel.ts`; addresses and counts are plain numbers. */
export interface Kernel {
  readonly useDataset: (...numbers: readonly number[]) => void;
  readonly useParams: (
    maxDepth: number,
    minLeafRows: number,
    drawnFeatures: number,
    targetBase: number,
    targetScale: number,
  ) => void;
  readonly useBagScratch: (counts: number, bag: number, weights: number) => void;
  readonly useSegmentScratch: (...addresses: readonly number[]) => void;
  readonly usePartitionScratch: (sides: number) => void;
  readonly useExactScratch: (...addresses: readonly number[]) => void;
  readonly useRefineScratch: (gathered: number, spare: number, counts: number) => void;
  readonly useLargeScratch: (...numbers: readonly number[]) => void;
  readonly prepareColumn: (feature: number, scratch: number) => number;
  readonly growTree: (seed: number, tree: number, nodes: number, importances: number) => number;
  readonly linkTree: (
    tree: number,
    nodes: number,
    features: number,
    linked: number,
    places: number,
  ) => number;
  readonly predict: (
    starts: number,
    trees: number,
    x: number,
    features: number,
    rows: number,
    chosen: number,
    out: number,
  ) => void;
  readonly addOutOfBag: (...numbers: readonly number[]) => void;
}

let compiled: WebAssembly.Module | undefined;

/** Compiled once per process: threads receive the module together with the code that V8 has optimized so far. */
export function compileKernel(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readKernel());
  return compiled;
}

/** The kernel on the given memory; an instance costs well under a millisecond. */
export function instantiateKernel(memory: WebAssembly.Memory, module = compileKernel()): Kernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernel;
}

function readKernel(): Buffer<ArrayBuffer> {
  const file = fileURLToPath(new URL('./kernel.wasm', import.meta.url));
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`the forest kernel is not built [${file}]. Run "npm run build:kernel"`, { cause });
  }
}
