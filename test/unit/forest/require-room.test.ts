import { describe, expect, it } from 'vitest';
import { requireRoom as requireMlRoom } from '../../../src/adapters/ml-random-forest/room.ts';
import { InvalidInput } from '../../../src/domain/errors.ts';
import { parsePipelineInput, type ForestParams } from '../../../src/domain/run/pipeline-input.ts';
import { requireRoom, type TrainingRoom } from '../../../src/forest/require-room.ts';

const ROOM: TrainingRoom = { memoryBytes: 6e9, threads: 2 };
const MOVIES = { rows: 3_040, features: 15 };
const LARGE = { rows: 1_200_000, features: 15 };

function params(forest: Partial<ForestParams> = {}): ForestParams {
  return { ...parsePipelineInput({}).forest, ...forest };
}

function refusal(work: () => void): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInput);
    return (error as Error).message;
  }
  throw new Error('expected a refusal');
}

/** Each advised setting, as it stands in the message. */
function advised(message: string): Partial<ForestParams>[] {
  const [, hint = ''] = message.split('. Set ');
  return [...hint.matchAll(/forest\.(maxRows|maxDepth|minLeafRows) (\d+)/g)].map(([, name = '', value]) => ({
    [name]: Number(value),
  }));
}

describe('requireRoom', () => {
  it('accepts the default forest on the IMDb file, and a shallow one on a large file', () => {
    requireRoom(MOVIES, params(), { ...ROOM, memoryBytes: 1e9 });
    requireRoom(LARGE, params({ maxDepth: 10 }), { ...ROOM, memoryBytes: 1.5e9 });
  });

  it('refuses a model that no file can hold, and names settings that fit', () => {
    const message = refusal(() => {
      requireRoom(LARGE, params(), { ...ROOM, memoryBytes: 64e9 });
    });
    expect(message).toContain('expected a model of at most 2 GiB');
    expect(message).toContain('1,200,000 rows × 15 features, 100 trees, no forest.maxDepth');
  });

  it('refuses more than the memory of the worker', () => {
    const message = refusal(() => {
      requireRoom({ rows: 600_000, features: 15 }, params(), { ...ROOM, memoryBytes: 3e9 });
    });
    expect(message).toContain('expected at most 3.0 GB of memory, got up to 5');
  });

  it('refuses what no WebAssembly memory can hold', () => {
    const message = refusal(() => {
      requireRoom({ rows: 20_000_000, features: 15 }, params({ maxDepth: 4 }), {
        ...ROOM,
        memoryBytes: Infinity,
      });
    });
    expect(message).toContain('expected at most 4 GiB of WebAssembly memory');
    expect(message).toContain('Set forest.maxRows ');
  });

  it.each([1.5e9, 3e9, 64e9])('advises settings that each fit %d bytes', (memoryBytes) => {
    const room = { ...ROOM, memoryBytes };
    const settings = advised(
      refusal(() => {
        requireRoom(LARGE, params(), room);
      }),
    );
    expect(settings.length).toBeGreaterThan(1);
    for (const { maxRows = LARGE.rows, ...setting } of settings) {
      requireRoom({ ...LARGE, rows: maxRows }, params(setting), room);
    }
  });
});

describe('room of ml-random-forest', () => {
  it('accepts the default forest on the IMDb file', () => {
    requireMlRoom(MOVIES, params());
  });

  it('refuses a training of days, and names the rows that fit', () => {
    const message = refusal(() => {
      requireMlRoom({ rows: 200_000, features: 15 }, params());
    });
    expect(message).toContain('expected at most 12 hours, got about 277 hours: 200,000 rows');
    expect(message).toContain(
      'Use the engine "histogram", or set forest.maxRows 41600, or fewer forest.trees',
    );
    requireMlRoom({ rows: 35_000, features: 15 }, params());
  });

  it('refuses a model whose JSON fits into no string', () => {
    const message = refusal(() => {
      requireMlRoom({ rows: 5_000, features: 15 }, params({ trees: 5_000 }));
    });
    expect(message).toContain('expected a model of at most 0.5 GB of JSON, got up to 3.5 GB');
  });
});
