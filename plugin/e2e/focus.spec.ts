import { choose, expect, node, test } from './mesh';

test('a focus shows what is around a workload, as far and in the direction that is asked', async ({
  makeDashboard,
  page,
}) => {
  await page.goto(`${await makeDashboard({})}?editPanel=1`);
  await expect(node(page, 'adservice')).toBeAttached();

  await page.getByRole('button', { name: 'Focus', exact: true }).click();
  await page.getByLabel('Focus name', { exact: true }).fill('ratings');
  await page.getByRole('option', { name: 'ratings-v1', exact: true }).click();
  await expect(node(page, 'adservice')).toHaveCount(0);
  for (const neighbour of ['ratings-v1', 'reviews-v2', 'reviews-v3', 'mongodb-v1']) {
    await expect(node(page, neighbour)).toBeAttached();
  }
  await expect(node(page, 'productpage-v1')).toHaveCount(0);

  await page.getByLabel('Depth').fill('2');
  await page.getByLabel('Depth').press('Enter');
  await expect(node(page, 'productpage-v1')).toBeAttached();

  await choose(page, 'Direction', 'Out');
  await expect(node(page, 'reviews-v2')).toHaveCount(0);
  await expect(node(page, 'mongodb-v1')).toBeAttached();

  await page.getByRole('button', { name: 'Clear the focus' }).click();
  await expect(node(page, 'adservice')).toBeAttached();
});
