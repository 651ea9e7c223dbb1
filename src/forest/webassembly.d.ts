/** The part of the WebAssembly API that this folder uses; @types/node does not declare it. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: SharedArrayBuffer;
  }
  const Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => Memory;
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  const Instance: new (
    module: Module,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => Instance;
}
