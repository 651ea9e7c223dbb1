/** A process of `figures/peak-memory.ts`: trains on the rows in two files and prints its peak memory. */
import { createOurForest } from '../forest/our-forest.ts';
import { peakBytes } from '../setup/process-memory.ts';
import { readRawFiles } from '../data/raw-file.ts';

// The benchmark has the other end of stdin: when it closes, the benchmark has ended.
process.stdin.on('end', () => process.exit(1)).resume();

const [features = '', targets = '', trees, assemble] = process.argv.slice(2);
const set = readRawFiles({ features, targets });
const loadedBytes = peakBytes();
const ours = createOurForest();
const model = await ours.fit(set, { trees: Number(trees), featureFraction: 1, seed: 1 });
if (assemble === 'true') await model.assemble();
process.stdout.write(JSON.stringify({ loadedBytes, peakBytes: peakBytes() }));
await ours.close();
process.stdin.destroy();
