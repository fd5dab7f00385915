import { choose, expect, newPanel, node, nodes, test } from './mesh';

test('is built from nothing by clicking', async ({ mesh, page }) => {
  await newPanel(page, mesh, 'Node Graph');
  await expect(node(page, 'productpage-v1')).toBeVisible();
  expect(await nodes(page).count()).toBeGreaterThan(20);
});

test('changes with the level', async ({ makeDashboard, page }) => {
  const path = await makeDashboard({});
  await page.goto(`${path}?editPanel=1`);
  await expect(node(page, 'reviews-v2')).toBeVisible();

  await choose(page, 'Level', 'App');
  await expect(node(page, 'reviews-v2')).toBeHidden();
  await expect(node(page, 'reviews')).toHaveCount(1);

  await choose(page, 'Level', 'Namespace');
  await expect(node(page, 'reviews')).toBeHidden();
  await expect(node(page, 'bookinfo')).toBeVisible();
});

test('is narrowed to a glob that is typed', async ({ makeDashboard, page }) => {
  const path = await makeDashboard({});
  await page.goto(`${path}?editPanel=1`);
  await expect(node(page, 'frontend').first()).toBeVisible();
  await page.getByLabel('Namespaces').fill('book*');
  await page.getByLabel('Namespaces').press('Enter');
  await expect(node(page, 'frontend')).toHaveCount(0);
  await expect(node(page, 'productpage-v1')).toBeVisible();
});

test('says why it is empty', async ({ makeDashboard, page }) => {
  const path = await makeDashboard({});
  await page.goto(`${path}?from=now-30d&to=now-29d`);
  const panel = page.getByTestId('data-testid Panel header Mesh');
  await expect(panel.getByText('No data')).toBeVisible();
  await panel.getByTestId('icon-file-landscape-alt').hover();
  await expect(page.getByRole('tooltip')).toContainText('there were neither meshscope_* nor istio_* series');
});

test('says what is wrong with a query', async ({ makeDashboard, page }) => {
  const path = await makeDashboard({ level: 'pod' });
  await page.goto(path);
  await page.getByTestId('data-testid Panel status error').hover();
  await expect(page.getByText(/query field level: "pod" is not allowed/)).toBeVisible();
});
