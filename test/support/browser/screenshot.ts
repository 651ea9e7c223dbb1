import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import type { BrowserContext, Locator, Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const IS_UPDATING = process.env['UPDATE_SCREENSHOTS'] === '1';
const MARGIN_PX = 16;
/** The UI scrolls inside its page, so a tall picture needs a tall viewport. */
const TALL_PX = 1_600;

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/**
 * Writes a picture for the README or the runbook, under `npm run screenshots` only.
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
  const clip = 'from' in shown ? await boxBetween(page, shown.from, shown.to) : await settledBox(shown);
  await page.evaluate(NAME_TASK_QUEUE);
  const path = `${ROOT}docs/screenshots/${name}.png`;
  await page.screenshot({ path, clip, animations: 'disabled' });
  // Reduces the size to a third. Without pngquant the picture is left as it is.
  await execa('pngquant', ['--force', '--ext', '.png', '--strip', path], { reject: false });
  await page.setViewportSize(usual);
}

/** Removes directories and host from the server's answers, because they differ with every machine. */
export async function hideMachineNames(context: BrowserContext): Promise<void> {
  if (!IS_UPDATING) return;
  await context.route('**/api/v1/**', async (route) => {
    try {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll(ROOT, '').replaceAll(`@${hostname()}`, '@worker');
      await route.fulfill({ response, body });
    } catch {
      // The page was closed before the response.
    }
  });
}

async function boxBetween(page: Page, from: Locator, to: Locator): Promise<Box> {
  const main = await settledBox(page.getByRole('main'));
  const [first, last] = await Promise.all([settledBox(from), settledBox(to)]);
  const y = first.y - MARGIN_PX;
  return {
    x: main.x + MARGIN_PX,
    y,
    width: main.width - MARGIN_PX,
    height: last.y + last.height + MARGIN_PX - y,
  };
}

/** The box of an element once it has stopped moving. */
async function settledBox(locator: Locator): Promise<Box> {
  let before = '';
  for (;;) {
    const box = await locator.boundingBox();
    if (box && JSON.stringify(box) === before) return box;
    before = JSON.stringify(box);
    await setTimeout(200);
  }
}

/** A test has a task queue of its own; the picture shows the default one. */
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
