import { expect, onTestFinished, test } from 'vitest';
import { drawPlot } from '../../../../src/adapters/vega/draw.ts';
import { createVegaPlots } from '../../../../src/adapters/vega/plots.ts';
import type { Plot } from '../../../../src/report/plot.ts';

function plotOf(title: string): Plot {
  return {
    title,
    description: '',
    width: 200,
    height: 100,
    x: { title },
    y: { title: 'y', names: ['a', 'b'] },
    layers: [
      { mark: 'bars', hue: 'first', bars: [{ name: 'a', x: [0, title.length] }] },
      { mark: 'rule', hue: 'ink', x: 1 },
    ],
  };
}

function plotsOfTest(keptMs?: number) {
  const plots = createVegaPlots(keptMs);
  onTestFinished(() => plots.close());
  return plots;
}

const TITLES = ['one', 'seven', 'fifteen', 'one'];

test('draws in a thread what it would draw here, also several plots at once', async () => {
  const plots = plotsOfTest();
  plots.prepare();

  const drawn = await Promise.all(TITLES.map((title) => plots.draw(plotOf(title))));

  const here: unknown[] = [];
  for (const title of TITLES) here.push(await drawPlot(plotOf(title)));
  expect(drawn).toEqual(here);
  expect(drawn[0]?.svg).toContain('one');
});

test('draws again after its thread has ended', async () => {
  const plots = plotsOfTest(0);

  const first = await plots.draw(plotOf('one'));
  await new Promise((resolve) => setTimeout(resolve, 50));

  expect(await plots.draw(plotOf('one'))).toEqual(first);
});

test('a plot that cannot be drawn is an error, and the next one is drawn', async () => {
  const plots = plotsOfTest();
  const broken = { ...plotOf('one'), layers: [{ mark: 'nothing' }] } as unknown as Plot;

  const [failed, drawn] = await Promise.allSettled([plots.draw(broken), plots.draw(plotOf('one'))]);

  expect(failed).toMatchObject({ status: 'rejected', reason: expect.any(Error) as Error });
  expect(drawn.status).toBe('fulfilled');
});

test('a plot that waits when the worker stops is an error', async () => {
  const plots = plotsOfTest();
  const waiting = expect(plots.draw(plotOf('one'))).rejects.toThrow('the worker is stopping');

  await plots.close();

  await waiting;
});
