import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { VIEWPORT } from './browser.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MARGIN_PX = 16;
/** The longest page is taken as a whole; the UI scrolls inside of it. */
const TALL_PX = 2_400;

/**
 * A picture for the README or the runbook, written by `npm run screenshots` and by nothing else. It shows the page from
 * the first to the last of `around`, as wide as the widest of them.
 */
export async function screenshot(page: Page, name: string, ...around: readonly Locator[]): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return;
  await page.setViewportSize({ ...VIEWPORT, height: TALL_PX });
  await leaveOutMachine(page);
  const boxes = await Promise.all(around.map((locator) => boxOf(locator)));
  const left = Math.max(0, Math.min(...boxes.map(({ x }) => x)) - MARGIN_PX);
  const top = Math.max(0, Math.min(...boxes.map(({ y }) => y)) - MARGIN_PX);
  const right = Math.min(VIEWPORT.width, Math.max(...boxes.map(({ x, width }) => x + width)) + MARGIN_PX);
  const bottom = Math.min(TALL_PX, Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN_PX);
  const clip = { x: left, y: top, width: right - left, height: bottom - top };
  await page.screenshot({ path: `${ROOT}docs/screenshots/${name}.png`, clip, animations: 'disabled' });
  await page.setViewportSize(VIEWPORT);
}

async function boxOf(locator: Locator) {
  await locator.waitFor();
  const box = await locator.boundingBox();
  if (!box) throw new Error(`not visible: ${locator.toString()}`);
  return box;
}

/** Directories, host and this test's task queue would differ with every machine and run. */
async function leaveOutMachine(page: Page): Promise<void> {
  await page.evaluate(
    ([root, host]) => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const text = texts.currentNode as Text;
        const shown = text.data
          .replaceAll(root, '')
          .replaceAll(`@${host}`, '@worker')
          .replaceAll(/\btest-[0-9a-f]{8}\b/g, 'imdb');
        if (shown !== text.data) text.data = shown;
      }
    },
    [ROOT, hostname()] as const,
  );
}
