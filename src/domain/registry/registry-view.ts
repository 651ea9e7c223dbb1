import { toProse } from '../markdown.ts';
import type { Champion, RegistryEntry } from './model-registry.ts';

/** Enough to see the last weeks; the query `history` has all. */
const SHOWN_ENTRIES = 20;

/** Newest first, for the UI's current details. */
export function registryToMarkdown(
  name: string,
  champion: Champion | null,
  entries: readonly RegistryEntry[],
): string {
  const head =
    champion === null
      ? `**${name}**: no champion yet`
      : `**${name}**: champion **${champion.model.version}** since ${champion.since}, RMSE ${champion.model.rmse.toFixed(4)} in its own run \`${champion.model.run}\``;
  if (entries.length === 0) return head;
  const rows = entries
    .slice(-SHOWN_ENTRIES)
    .reverse()
    .map(
      ({ number, at, change, model, reason, champion: serving }) =>
        `| ${number} | ${at} | ${change} | ${model.version} | ${toProse(reason)} | ${serving ?? '–'} |`,
    );
  return [
    head,
    ['| | at | what | model | why | champion |', '| --: | --- | --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}
