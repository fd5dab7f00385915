import type { APIRequestContext } from '@playwright/test';

import { expect, node, nodes, test } from './mesh';
import { store } from './store';

test('raw and derived series make the same graph', async ({ makeDashboard, makeSource, page }) => {
  const drawn: string[][] = [];
  for (const seriesSource of ['raw', 'derived']) {
    const source = await makeSource({ seriesSource });
    await page.goto(await makeDashboard({ namespaces: ['bookinfo'] }, { source }));
    await expect(node(page, 'mongodb-v1')).toBeVisible();
    drawn.push(await nodes(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-node-id') ?? '').sort()));
  }
  const [raw, derived] = drawn;
  expect(raw.length).toBeGreaterThan(6);
  expect(raw).toEqual(derived);
});

/**
 * That they are the same within 2 % is what plugin/pkg/demo_test.go says, on a clock of its own. Here the load changes
 * while it is looked at, and increase() reckons from what it sees of a range to all of it.
 */
test('raw and derived series have the same numbers', async ({ makeSource, request }) => {
  // From scrape to scrape the exporter's counters hold what the proxies counted from refresh to refresh.
  const moment = async (time: number) => ({
    scraped: 1000 * (await number(request, 'timestamp(meshscope_edges)', time)),
    refreshed: 1000 * (await number(request, 'meshscope_refresh_timestamp_seconds', time)),
  });
  const last = await moment(Date.now() - 30_000);
  const first = await moment(last.scraped - 120_000);

  const calls = async (seriesSource: string, from: number, to: number) => {
    const { uid } = await makeSource({ seriesSource });
    const queries = [{ refId: 'A', datasource: { uid }, queryType: 'graph' }];
    const answer = await request.post('/api/ds/query', { data: { from: `${from}`, to: `${to}`, queries } });
    await expect(answer).toBeOK();
    const [frame] = (await answer.json()).results.A.frames;
    const names = frame.schema.fields.map((field: { name: string }) => field.name);
    const [ids, rates] = ['id', 'mainstat'].map((name) => frame.data.values[names.indexOf(name)]);
    return new Map<string, number>(ids.map((id: string, row: number) => [id, (rates[row] * (to - from)) / 1000]));
  };
  const derived = await calls('derived', first.scraped - 1, last.scraped);
  const raw = await calls('raw', first.refreshed, last.refreshed);
  expect(raw.size).toBeGreaterThan(20);
  for (const [id, n] of raw) {
    const tolerance = Math.max(0.1 * n, 4 * Math.sqrt(n));
    expect(Math.abs((derived.get(id) ?? NaN) - n), `${id}: ${derived.get(id)} and ${n}`).toBeLessThanOrEqual(tolerance);
  }
});

/** What the store says to a query that has one series for an answer. */
async function number(request: APIRequestContext, query: string, time: number): Promise<number> {
  const answer = await request.get(`${store.url}/api/v1/query`, { params: { query, time: time / 1000 } });
  await expect(answer).toBeOK();
  const { data } = await answer.json();
  expect(data.result, query).toHaveLength(1);
  return Number(data.result[0].value[1]);
}

test('says that a range is too long for raw series', async ({ makeDashboard, makeSource, page }) => {
  const source = await makeSource({ seriesSource: 'raw', rawMaxRange: '5m' });
  await page.goto(await makeDashboard({}, { source }));
  await page.getByTestId('data-testid Panel status error').hover();
  await expect(page.getByText(/rawMaxRange/)).toBeVisible();
});
