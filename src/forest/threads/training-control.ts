/** Words of shared memory between the main thread and the forest threads of one training. */
export interface TrainingControl {
  cancel(): void;
  readonly cancelled: () => boolean;
  /** The index of the next column or tree, from 0. */
  readonly takeNext: () => number;
  restart(): void;
  finishOne(): void;
  readonly finished: () => number;
}

const WORD = { cancel: 0, next: 1, finished: 2 } as const;

export function trainingControl(memory: WebAssembly.Memory, address: number): TrainingControl {
  const words = new Int32Array(memory.buffer, address, 3);
  return {
    cancel: () => void Atomics.store(words, WORD.cancel, 1),
    cancelled: () => Atomics.load(words, WORD.cancel) !== 0,
    takeNext: () => Atomics.add(words, WORD.next, 1),
    restart() {
      Atomics.store(words, WORD.next, 0);
      Atomics.store(words, WORD.finished, 0);
    },
    finishOne: () => void Atomics.add(words, WORD.finished, 1),
    finished: () => Atomics.load(words, WORD.finished),
  };
}
