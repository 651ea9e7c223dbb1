import { isMissing } from './numbers/missing.ts';

/** As many as the result of a load names. */
const MAX_CANDIDATES = 5;
/** For two columns of two million rows; a larger table keeps fewer candidates. */
const MAX_BYTES = 64 * 1_024 * 1_024;
const FIRST_SLOTS = 1_024;
const BYTES_A_SLOT = 8;

export interface KeyCandidates {
  /** @param rows the next ones; the first call decides which columns are text */
  add(rows: readonly (readonly string[])[]): void;
  /** Positions of the columns in which every cell is filled and occurs once. At most 5, in the order of the file. */
  finish(): readonly number[];
}

/**
 * Finds the text columns that could identify a row. Numbers cannot: votes may all differ tonight and change tomorrow.
 * Most columns fail within their first rows. Memory: 8 to 16 bytes a cell of the others, bounded in all.
 */
export function createKeyCandidates(positions: readonly number[], maxBytes = MAX_BYTES): KeyCandidates {
  let open = positions.map((position) => ({ position, seen: createHashSet() }));
  let isFirst = true;
  return {
    add(rows) {
      const cellsOf = (position: number): string[] => rows.map((cells) => cells[position] ?? '');
      if (isFirst) open = open.filter(({ position }) => !isMostlyNumbers(cellsOf(position)));
      isFirst = false;
      const kept: typeof open = [];
      let bytes = 0;
      for (const candidate of open) {
        if (kept.length === MAX_CANDIDATES) break;
        const { position, seen } = candidate;
        if (!seen.addAll(cellsOf(position), maxBytes - bytes)) continue;
        bytes += seen.bytes();
        kept.push(candidate);
      }
      open = kept;
    },
    finish: () => open.map(({ position }) => position),
  };
}

function isMostlyNumbers(cells: readonly string[]): boolean {
  const numbers = cells.filter((cell) => cell.trim() !== '' && Number.isFinite(Number(cell)));
  return 2 * numbers.length > cells.length;
}

/** Hashes of 64 bits: two of ten million cells have the same one with a probability of one in 400,000. */
function createHashSet() {
  let slots = new Uint32Array(2 * FIRST_SLOTS);
  let size = 0;

  function add(high: number, low: number): boolean {
    const mask = slots.length / 2 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const [h, l] = [slots[2 * slot], slots[2 * slot + 1]];
      if (h === high && l === low) return false;
      if (h !== 0 || l !== 0) continue;
      slots[2 * slot] = high;
      slots[2 * slot + 1] = low;
      size += 1;
      return true;
    }
  }

  function grow(): void {
    const old = slots;
    slots = new Uint32Array(2 * old.length);
    size = 0;
    for (let i = 0; i < old.length; i += 2) {
      const [high, low] = [old[i] as number, old[i + 1] as number];
      if (high !== 0 || low !== 0) add(high, low);
    }
  }

  return {
    bytes: () => (slots.length / 2) * BYTES_A_SLOT,
    /** False when a cell is missing or was there before, or when the cells would need more memory. */
    addAll(cells: readonly string[], maxBytes: number): boolean {
      for (const cell of cells) {
        if (isMissing(cell)) return false;
        if (4 * size >= slots.length) {
          if (2 * slots.length * 4 > maxBytes) return false;
          grow();
        }
        const [high, low] = hashOf(cell.trim());
        if (!add(high, low)) return false;
      }
      return true;
    },
  };
}

/** MurmurHash3's mixing over UTF-16 code units, two lanes with different seeds. Never 0 and 0, which marks an empty slot. */
function hashOf(text: string): readonly [high: number, low: number] {
  let high = 0x9747b28c;
  let low = 0x3c6ef372;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    high = (high << 13) | (high >>> 19);
    low = Math.imul(low ^ unit, 0xc2b2ae35);
    low = (low << 15) | (low >>> 17);
  }
  const [a, b] = [mix(high ^ text.length), mix(low ^ text.length)];
  return a === 0 && b === 0 ? [1, 0] : [a, b];
}

function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
