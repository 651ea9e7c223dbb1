import type { ArtifactRef } from '../../domain/artifact.ts';
import type { PublishedSplit } from '../../domain/names.ts';
import { describeRanges, type TopicManifest } from '../../domain/log/offsets.ts';
import { activities } from '../activities.ts';
import { rows } from '../labels.ts';
import type { Run } from './context.ts';

/** One split to the topic, as a step of its own. */
export function publish(
  split: PublishedSplit,
  table: ArtifactRef,
  topic: string,
  { name, step }: Pick<Run, 'name' | 'step'>,
): Promise<TopicManifest> {
  return step(
    `publish ${split}`,
    () => activities(`${rows(table.rows)} rows → ${topic}`).publishSplit({ run: name, split, table, topic }),
    (manifest) => describeRanges(topic, manifest.partitions),
  );
}
