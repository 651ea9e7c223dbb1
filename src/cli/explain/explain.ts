import { diagnose } from './diagnose.ts';
import { diagnosisText } from './text.ts';
import { withClient } from '../shared/client.ts';

export interface ExplainOptions {
  readonly json?: true;
}

/** Exit code 0 whatever it finds: the command has done its work. */
export async function explain(workflowId: string, { json }: ExplainOptions): Promise<void> {
  await withClient(async (client, { temporal }) => {
    const now = new Date().toISOString();
    const diagnosis = await diagnose(client, temporal, workflowId, now);
    const out = json ? process.stderr : process.stdout;
    out.write(`${diagnosisText(diagnosis, now)}\n`);
    if (json) process.stdout.write(`${JSON.stringify(diagnosis)}\n`);
  });
}
