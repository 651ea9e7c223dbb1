import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
const noopLogger = new DefaultLogger('ERROR', () => undefined);
import { MockActivityEnvironment } from '@temporalio/testing';
import { createLoadDataset } from '../../src/activities/load-dataset.ts';
import { danfoFrames } from '../../src/adapters/danfo.ts';
import { nodeDigests } from '../../src/adapters/digests.ts';
import { createLocalDataDirectory } from '../../src/adapters/local-data-directory.ts';
import { parsePipelineInput } from '../../src/domain/pipeline-input.ts';

const dir = await mkdtemp(join(tmpdir(), 'x-'));
let table: any;
const artifacts = { write: async (a: any) => { table = JSON.parse(new TextDecoder().decode(a.bytes)); return { uri: 'x', sha256: 'x', bytes: a.bytes.length, rows: a.rows }; }, read: async () => new Uint8Array() };
const load = createLoadDataset({ artifacts, dataDirectory: createLocalDataDirectory(dir), frames: danfoFrames, digests: nodeDigests });
async function go(name: string, content: string | Buffer, dataset: any = {}) {
  await writeFile(join(dir, 'f.csv'), content);
  try {
    const r = await new MockActivityEnvironment(undefined, { logger: noopLogger }).run(load, { run: 'r', dataset: parsePipelineInput({ dataset: { path: 'f.csv', ...dataset } }).dataset });
    console.log(name, '->', JSON.stringify({ ...r, table: undefined, source: undefined }), JSON.stringify(table).slice(0, 400));
  } catch (e: any) { console.log(name, '!!', e.name, e.message); }
}
const H = 'movie_title,budget,imdb_score\n';
await go('empty', '');
await go('blank', '\n\n');
await go('header', H);
await go('header no nl', H.trim());
await go('good', H + 'A,1,5\nB,2,6\n');
await go('ragged short', H + 'A,1,5\nB,2\nC,3,6\n');
await go('ragged long', H + 'A,1,5\nB,2,3,4\nC,3,6\n');
await go('dup', 'a,budget,budget,imdb_score\nA,1,2,3\n');
await go('dup after blank line', '\n' + 'a,budget,budget,imdb_score\nA,1,2,3\n');
await go('empty headers', 'a,,,imdb_score\n1,,,3\n');
await go('one empty header', 'a,imdb_score,\n1,3,\n2,4,\n');
await go('bom', '\ufeff' + H + 'A,1,5\nB,2,6\n');
await go('bom quoted', '\ufeff"imdb_score",budget\n1,5\n2,6\n');
await go('crlf', (H + 'A,1,5\nB,2,6\n').replaceAll('\n', '\r\n'));
await go('cr only', (H + 'A,1,5\nB,2,6\n').replaceAll('\n', '\r'));
await go('blank lines', H + '\nA,1,5\n\n  \nB,2,6\n,,\n\n');
await go('quoted nl', H + '"A\nx",1,5\n"B ""q"", c",2,6\n');
await go('unterminated quote', H + '"A,1,5\nB,2,6\n');
await go('quote garbage', H + '"A"x,1,5\nB,2,6\n');
await go('semicolon', H.replaceAll(',', ';') + 'A;1;5\n');
await go('latin1', Buffer.from(H + 'Amélie,1,5\n', 'latin1'));
await go('utf16', Buffer.from(H + 'Amélie,1,5\n', 'utf16le'));
await go('no target', 'movie_title,budget\nA,1\n');
await go('no numeric', 'movie_title,imdb_score\nA,1\nB,2\n');
await go('all dropped', H + 'A,,5\nB,x,6\nC,7,\n');
await go('cells', 'a,b,imdb_score\n1,NaN,1\n1,inf,2\n1,1e999,3\n1,0x1F,4\n1, 7.5 ,5\n1,1e3,5\n1,-.5,6\n1,5.,7\n1,+4,7\n1,Infinity,1\n1,"1,000",1\n1,true,1\n', { features: ['a', 'b'] });
await go('weird columns', 'index,values,shape,columns,data,T,size,column,loc,iloc,imdb_score\n' + '1,2,3,4,5,6,7,8,9,10,11\n1,2,3,4,5,6,7,8,9,10,12\n');
await go('numeric names', 'zeta,1999,2001,imdb_score\n1,2,3,4\n5,6,7,8\n');
await go('proto names', '__proto__,constructor,toString,imdb_score\n1,2,3,4\n5,6,7,8\n');
await go('key=target', H + 'A,1,5\nB,2,6\n', { key: 'imdb_score' });
await go('link target', 'movie_imdb_link,budget\n1,5\n2,6\n', { target: 'movie_imdb_link' });
const long = H + Array.from({ length: 9000 }, (_, i) => `Ärger é ${'x'.repeat(i % 5)}\u00a0,${i},5`).join('\n');
await go('multibyte', long);
console.log(table.labels.length, table.labels.filter((x: string) => x.includes('\ufffd')));
await go('boundary', H + Array.from({ length: 30000 }, (_, i) => `"t,""x"" \n${i}",${i},5`).join('\n'));
console.log(table.labels.length);
await go('100 wide', Array.from({length: 300}, (_, i) => 'c' + i).join(',') + ',imdb_score\n' + '1,'.repeat(300) + '2\n');
for (const p of ['nope.csv', '.', '../x', '/etc/passwd', 'a\0b', 'f.csv/x', 'x'.repeat(300), ' f.csv']) {
  try { await createLocalDataDirectory(dir).open(p); console.log(p, 'ok'); } catch (e: any) { console.log(JSON.stringify(p.slice(0, 30)), '!!', e.name, e.message); }
}
try { await createLocalDataDirectory(dir + '/none').open('x.csv') } catch (e: any) { console.log('no dir', '!!', e.name, e.message); }
console.log('--- names');
for (const n of ['index','values','shape','columns','data','T','size','column','loc','iloc','dtypes','ndim','config','axis','print','query','constructor','toString','$data','str','count','sum','mean','__proto__','name','length'])
  await go('col ' + n, `movie_title,${n},imdb_score\nA,1,2\nB,3,4\n`, {features: [n]});
console.log('--- lines');
await go('blank + ragged', '\n\n' + H + '"A\nb",1,5\n\nB,2\nC,3,6\n');
await go('blank crlf ragged', ('\n' + H + '"A\nb",1,5\n\nB,2\nC,3,6\n').replaceAll('\n', '\r\n'));
await go('bom ragged', '\ufeff' + H + 'A,1,5\nB,2\nC,3,6\n');
await go('leading commas', ',,\n' + H + 'A,1,5\nB,2,6\n');
await go('first header empty', ',a,imdb_score\n1,2,3\n');
await go('blank then first header empty', '\n\n,a,imdb_score\n1,2,3\n');
await go('nbsp line', H + 'A,1,5\n\u00a0\nB,2,6\n');
await go('nbsp line full', H + 'A,1,5\n\u00a0,,\nB,2,6\n');
await go('header only w comma', 'a,imdb_score\n,\n');
await go('unicode headers', 'Titel ä\u00a0,größe,imdb_score\nA,1,5\nB,2,6\n');
console.log(table.features)
