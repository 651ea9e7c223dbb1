import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import type { BrowserContext, Locator, Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const IS_UPDATING = process.env['UPDATE_SCREENSHOTS'] === '1';
const MARGIN_PX = 16;
/** The UI scrolls inside of its page: a picture of more than a screen needs a taller screen. */
const TALL_PX = 1_600;

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/**
 * A picture for the README or the runbook, written by `npm run screenshots` and by nothing else.
 *
 * @param shown a part of the page, or everything from one part of it down to another
 */
export async function screenshot(
  page: Page,
  name: string,
  shown: Locator | { readonly from: Locator; readonly to: Locator },
): Promise<void> {
  if (!IS_UPDATING) return;
  const usual = page.viewportSize() ?? { width: 0, height: 0 };
  await page.setViewportSize({ ...usual, height: TALL_PX });
  const clip = 'from' in shown ? await boxBetween(page, shown.from, shown.to) : await restingBox(shown);
  await page.evaluate(NAME_TASK_QUEUE);
  const path = `${ROOT}docs/screenshots/${name}.png`;
  await page.screenshot({ path, clip, animations: 'disabled' });
  // A third of the size; as it is where nobody has installed it.
  await execa('pngquant', ['--force', '--ext', '.png', '--strip', path], { reject: false });
  await page.setViewportSize(usual);
}

/** Directories and host would differ with every machine: they are left out of what the server answers. */
export async function leaveOutMachine(context: BrowserContext): Promise<void> {
  if (!IS_UPDATING) return;
  await context.route('**/api/v1/**', async (route) => {
    try {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll(ROOT, '').replaceAll(`@${hostname()}`, '@worker');
      await route.fulfill({ response, body });
    } catch {
      // The page was left meanwhile, and nobody waits for the answer.
    }
  });
}

async function boxBetween(page: Page, from: Locator, to: Locator): Promise<Box> {
  const main = await restingBox(page.getByRole('main'));
  const [first, last] = await Promise.all([restingBox(from), restingBox(to)]);
  const y = first.y - MARGIN_PX;
  return {
    x: main.x + MARGIN_PX,
    y,
    width: main.width - MARGIN_PX,
    height: last.y + last.height + MARGIN_PX - y,
  };
}

/** Where it is when it has stopped moving. */
async function restingBox(locator: Locator): Promise<Box> {
  let before = '';
  for (;;) {
    const box = await locator.boundingBox();
    if (box && JSON.stringify(box) === before) return box;
    before = JSON.stringify(box);
    await setTimeout(200);
  }
}

/** A test has a task queue of its own; what is shown is the one that a user has. */
const NAME_TASK_QUEUE = `
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data } = texts.currentNode;
    const shown = data.replace(/\\btest-[0-9a-f]{8}(-\\d+)?\\b/g, 'imdb');
    if (shown !== data) texts.currentNode.data = shown;
  }
  for (const input of document.querySelectorAll('input')) {
    if (/^test-[0-9a-f]{8}$/.test(input.value)) input.value = 'imdb';
  }`;
