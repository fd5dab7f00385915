import { expect, node, nodes, test } from './mesh';

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

test('says that a range is too long for raw series', async ({ makeDashboard, makeSource, page }) => {
  const source = await makeSource({ seriesSource: 'raw', rawMaxRange: '5m' });
  await page.goto(await makeDashboard({}, { source }));
  await page.getByTestId('data-testid Panel status error').hover();
  await expect(page.getByText(/rawMaxRange/)).toBeVisible();
});
