/** The limit of what a WebAssembly memory can address. */
const MAX_BYTES = 2 ** 32;
const PAGE_BYTES = 65_536;
/** The kernel's own data lies below. */
const FIRST_ADDRESS = 4096;
/** A cache line, so that no two threads write to the same one. */
const ALIGNMENT = 64;

/** Assigns addresses of one memory, upwards. The total may exceed the memory: check {@link Arena.fits} before use. */
export interface Arena {
  /** @returns the address of that many bytes, aligned to a cache line, initially zero */
  take(bytes: number): number;
  readonly fits: () => boolean;
  readonly bytes: () => number;
}

export function createArena(): Arena {
  let end = FIRST_ADDRESS;
  return {
    take(bytes) {
      const address = end;
      end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
      return address;
    },
    fits: () => end <= MAX_BYTES - PAGE_BYTES,
    bytes: () => end,
  };
}

/** Shared by threads. The operating system commits a page when it is first written. */
export function allocate(arena: Arena): WebAssembly.Memory {
  const pages = Math.ceil(arena.bytes() / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
