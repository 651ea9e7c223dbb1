import { execa } from 'execa';
import { z } from 'zod';
import { compileProgram } from '../../setup/program.ts';
import { progress } from '../../suite/progress.ts';
import { describeSize, type Rows, type Session } from '../session.ts';
import { formatMebibytes, formatRatio } from '../../suite/table.ts';
import { below } from '../../suite/target.ts';
import { type Size } from '../targets.ts';

const TREES = 100;
const SIZES: readonly Size[] = [1, 100];

const peakMemory = z.object({ loadedBytes: z.number(), peakBytes: z.number() });
type PeakMemory = z.output<typeof peakMemory>;

/** Memory of a training, each in a process of its own. */
export async function measurePeakMemory(session: Session): Promise<void> {
  const { report, train } = session;
  progress('memory: compiling our engine');
  const program = (await compileProgram()).process('peak-memory-process');
  const rows: string[][] = [];
  for (const size of SIZES.filter((one) => session.sizes.includes(one))) {
    progress(`memory ×${size}: ours`);
    const ours = await measureOurMemory(program, train(size), { trees: TREES, assemble: false });
    const assembled = await measureOurMemory(program, train(size), { trees: TREES, assemble: true });
    progress(`memory ×${size}: scikit-learn`);
    const theirs = await measureScikitLearn(session, train(size));
    const share = ours.peakBytes / theirs.peakBytes;
    report.addTarget(below(`peak memory of training ×${size}, as a share of scikit-learn’s`, share));
    const cells = ({ loadedBytes, peakBytes }: PeakMemory): string[] =>
      [loadedBytes, peakBytes, peakBytes - loadedBytes].map(formatMebibytes);
    const label = describeSize(size, train(size));
    rows.push(
      [label, 'ours', ...cells(ours), formatRatio(share)],
      [
        label,
        'ours, with out-of-bag',
        ...cells(assembled),
        formatRatio(assembled.peakBytes / theirs.peakBytes),
      ],
      [label, 'scikit-learn', ...cells(theirs), ''],
    );
  }
  report.addSection({
    title: 'Peak memory of training',
    notes: [
      `${TREES} full-depth trees in a fresh process each: the highest resident memory when the rows are loaded, and at the end. Ours runs compiled, on Node alone.`,
    ],
    table: {
      head: ['rows', 'engine', 'rows loaded', 'peak', 'by training', 'share of scikit-learn’s'],
      rows,
    },
  });
}

async function measureScikitLearn({ freshPeer }: Session, rows: Rows): Promise<PeakMemory> {
  const sklearn = freshPeer('sklearn');
  await sklearn.load(rows);
  const loadedBytes = await sklearn.peakMemory();
  await sklearn.fit(rows, { trees: TREES, featureFraction: 1, seed: 1 });
  const peakBytes = await sklearn.peakMemory();
  await sklearn.close();
  return { loadedBytes, peakBytes };
}

/** Trains in a fresh process. */
async function measureOurMemory(
  program: string,
  { features, targets }: Rows,
  { trees, assemble }: { readonly trees: number; readonly assemble: boolean },
): Promise<PeakMemory> {
  const { stdout } = await execa(process.execPath, [program, features, targets, `${trees}`, `${assemble}`]);
  return peakMemory.parse(JSON.parse(stdout));
}
