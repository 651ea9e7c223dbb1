import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A module that kafkajs 2.2.4 keeps to itself. @param path below `kafkajs/src` */
export function loadInternal(path: string): unknown {
  return require(`kafkajs/src/${path}`);
}

/** Every client of the process shares the modules of kafkajs, so a change of them is made when the first one asks for it. */
export function once(change: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    change();
  };
}
