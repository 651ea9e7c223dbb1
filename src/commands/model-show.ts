import { describeModel } from './model-description.ts';
import { openModel } from './model-source.ts';
import { modelTable } from './model-table.ts';

export async function showModel(name: string, options: { readonly json?: true }): Promise<void> {
  const model = describeModel(await openModel(name));
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${modelTable(model)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(model)}\n`);
}
