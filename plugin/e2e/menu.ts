import { expect } from '@grafana/plugin-e2e';
import type { Locator, Page } from '@playwright/test';

/** Opens the menu of a node, by a click on it. */
export async function openNode(page: Page, drawn: Locator) {
  await drawn.getByTestId(/^node-click-rect-/).click();
  await expect(items(page).first()).toBeVisible();
}

/** Opens the menu of an edge between two nodes, by their ids: by a click on the middle of its line. */
export async function openEdge(page: Page, source: string, target: string) {
  // Grafana escapes slashes, as in HTML, in what it says of an edge.
  const [from, to] = [source, target].map((id) => id.replaceAll('.', '\\.').replaceAll('/', '(?:/|&#x2F;)'));
  const drawn = page.getByLabel(new RegExp(`^Edge from: ${from} to: ${to}$`));
  await expect(drawn).toBeAttached();
  await expect(async () => {
    if (await items(page).first().isVisible()) {
      return;
    }
    // A line that is level has no height, and so is not visible to what clicks on elements.
    const { x, y, width, height } = (await drawn.boundingBox())!;
    await page.mouse.click(x + width / 2, y + height / 2);
    await expect(items(page).first()).toBeVisible({ timeout: 3000 });
  }, 'the graph moves until it is drawn').toPass({ timeout: 45_000 });
}

export async function closeMenu(page: Page) {
  await expect(async () => {
    await page.keyboard.press('Escape');
    await expect(items(page)).toHaveCount(0, { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
}

/** What the menu offers; what leads somewhere is a link to a browser, and the rest a menuitem. */
export const items = (page: Page) => page.locator('[data-role="menuitem"]');

export const item = (page: Page, name: string) => items(page).filter({ has: page.getByText(name, { exact: true }) });
