import { toProse } from '../markdown.ts';
import { minuteText } from '../text.ts';
import type { RegisteredModel, RegistryEntry } from './model-registry.ts';
import type { RegistryLedger } from './registry-ledger.ts';

/** Enough to see the last weeks; the query `history` has all. */
const SHOWN_ENTRIES = 20;
const SHOWN_FORMER = 5;

/** For the UI's current details, whose column is narrow: three columns, and what is long comes last. */
export function registryToMarkdown(
  name: string,
  { champion, former, entries }: Pick<RegistryLedger, 'champion' | 'former' | 'entries'>,
  notes: readonly string[] = [],
): string {
  const serving = champion();
  const head =
    serving === null
      ? `**${toProse(name)}**: no champion yet`
      : `**${toProse(name)}**: champion **${serving.model.version}** since ${minuteText(serving.since)}, ${describe(serving.model)}`;
  const newest = entries().slice(-SHOWN_ENTRIES).reverse();
  return [
    ...notes,
    head,
    ...(serving ? [goingBack(former())] : []),
    ...(newest.length === 0
      ? []
      : [['| decided | model | what and why |', '| --- | --- | --- |', ...newest.map(toRow)].join('\n')]),
  ].join('\n\n');
}

/** What an operator reads in the result of the update `promote` or `rollback`. */
export function toAnswer(name: string, { model: { version } }: RegistryEntry): string {
  return (
    `${version} is the champion of ${name} now. Streams that follow the champion take it at their next micro-batch; ` +
    'there is nothing more to do. To undo it, send the update "rollback"'
  );
}

function goingBack(former: readonly RegisteredModel[]): string {
  const [previous] = former;
  if (!previous) return 'There is no former champion to go back to.';
  const listed = former.slice(0, SHOWN_FORMER).map((model) => `- **${model.version}**, ${describe(model)}`);
  const more = former.length - listed.length;
  return [
    `Former champions. The update \`rollback\` goes back to **${previous.version}**, ` +
      `\`promote\` with \`{"version": "…"}\` to any:`,
    '',
    ...listed,
    ...(more > 0 ? [`- and ${more} older`] : []),
  ].join('\n');
}

function describe({ rmse, run }: RegisteredModel): string {
  return `RMSE ${rmse.toFixed(4)} on the batch split of its run ${toProse(run)}`;
}

/** The UI's tables have no space between columns. */
const GAP = '\u2003';

function toRow({ at, change, model, reason }: RegistryEntry): string {
  return `| ${minuteText(at)}${GAP} | ${model.version}${GAP} | **${change}**: ${toProse(reason)} |`;
}
