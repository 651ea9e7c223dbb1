/** The last step of `npm run build`: compiles the workflows once, so that workers need not at every start. */
import { writeFile } from 'node:fs/promises';
import { DefaultLogger } from '@temporalio/worker';
import { BUILT_BUNDLE, compileWorkflows } from './workflow-bundle.ts';

const { code } = await compileWorkflows(new DefaultLogger('WARN'));
await writeFile(BUILT_BUNDLE, code);
