import type { Page } from '@playwright/test';

import { choose, expect, nodes, test } from './mesh';

const layered = 'Layered';

/** Callers and what they call, among the workloads of Bookinfo. */
const calls = [
  ['productpage-v1', 'details-v1'],
  ['productpage-v1', 'reviews-v1'],
  ['productpage-v1', 'reviews-v2'],
  ['productpage-v1', 'reviews-v3'],
  ['reviews-v2', 'ratings-v1'],
  ['reviews-v3', 'ratings-v1'],
  ['ratings-v1', 'mongodb-v1'],
];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where nodes are in the graph: each with its circle, and the names under it. */
async function places(page: Page): Promise<Record<string, Box>> {
  const all = await nodes(page).evaluateAll((drawn) =>
    drawn.map((one) => {
      const rect = one.querySelector('rect[data-testid^="node-click-rect-"]')!;
      const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name)));
      return [one.getAttribute('data-node-id')!, { x, y, width, height }] as const;
    })
  );
  return Object.fromEntries(all);
}

const middle = ({ x, width }: Box) => x + width / 2;

/** The widths of names are no whole numbers, and sums of them seldom exact: without fractions, and without -0. */
const middles = (all: Record<string, Box>) =>
  Object.fromEntries(
    Object.entries(all).map(([id, box]) => [
      id,
      [middle(box), box.y + (box.height - 40) / 2].map((n) => Math.round(n) + 0),
    ])
  );

test('layered, chosen by clicking, places nodes from left to right, apart, and in the same places again', async ({
  makeDashboard,
  page,
}) => {
  const path = await makeDashboard({});
  await page.goto(`${path}?editPanel=1`);
  await expect(nodes(page).first()).toBeAttached();
  await page.getByText('Options', { exact: true }).last().click();
  await choose(page, 'Layout', layered);
  await page.getByTestId('data-testid Save dashboard button').click();
  await page.getByTestId('data-testid Save dashboard drawer button').click();
  await expect(page.getByTestId('data-testid Save dashboard drawer button')).toHaveCount(0);

  await page.goto(path);
  await expect(nodes(page).first()).toBeAttached();
  const first = await places(page);
  expect(Object.keys(first).length).toBeGreaterThan(20);
  const overlaps = Object.entries(first).flatMap(([id, a], i, all) =>
    all
      .slice(i + 1)
      .filter(([, b]) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map(([other]) => [id, other])
  );
  expect(overlaps).toEqual([]);
  const x = (workload: string) => middle(first[`workload/Kubernetes/bookinfo/${workload}`]);
  for (const [source, target] of calls) {
    expect(x(source), `${source} calls ${target}`).toBeLessThan(x(target));
  }

  const answered = page.waitForResponse((response) => response.url().includes('/api/ds/query'));
  await page.getByTestId('data-testid RefreshPicker run button').click();
  await answered;
  await page.waitForTimeout(1000); // for the panel to draw what it got
  expect(middles(await places(page))).toEqual(middles(first));

  await page.reload();
  await expect.poll(async () => middles(await places(page))).toEqual(middles(first));
});
