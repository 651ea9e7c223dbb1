import { requireFormat } from './model-formats.ts';
import { requireWritable, writeWhole } from './model-output.ts';
import { openModel } from './model-source.ts';

export interface ExportOptions {
  readonly format: string;
  readonly out?: string;
  readonly force?: true;
}

export async function exportModel(name: string, options: ExportOptions): Promise<void> {
  const format = requireFormat(options.format);
  const model = await openModel(name);
  const file = options.out ?? `${model.version}${format.extension}`;
  await requireWritable(file, options.force === true);
  const bytes = format.encode(model);
  await writeWhole(file, bytes);
  process.stdout.write(`${file}: ${bytes.length.toLocaleString('en-US')} bytes of ${format.name}\n`);
  process.stdout.write(`load it ${format.howToLoad(file, model)}\n`);
}
