import { expect, node, nodes, test } from './mesh';

const namespace = {
  name: 'namespace',
  type: 'custom',
  query: 'bookinfo,sock-shop,online-boutique',
  multi: true,
  includeAll: true,
  current: { text: ['bookinfo'], value: ['bookinfo'] },
};

test('a variable changes the graph', async ({ makeDashboard, page }) => {
  const path = await makeDashboard({ namespaces: ['$namespace'] }, { variables: [namespace] });
  await page.goto(path);
  await expect(node(page, 'productpage-v1')).toBeVisible();
  await expect(node(page, 'carts')).toHaveCount(0);
  const ofOne = await nodes(page).count();

  await page.getByTestId(/^data-testid Dashboard template variables Variable Value DropDown.*-input$/).click();
  await page.getByRole('option', { name: 'sock-shop' }).click();
  await page.keyboard.press('Escape');
  await expect(node(page, 'carts').first()).toBeVisible();
  await expect(node(page, 'productpage-v1')).toBeVisible();

  await page.goto(`${path}?var-namespace=$__all`);
  await expect(node(page, 'frontend').first()).toBeVisible();
  expect(await nodes(page).count()).toBeGreaterThan(ofOne);
});

test('Explore shows what a panel with variables shows', async ({ makeDashboard, page }) => {
  const path = await makeDashboard({ namespaces: ['$namespace'] }, { variables: [namespace] });
  await page.goto(path);
  await expect(node(page, 'productpage-v1')).toBeVisible();
  const names = await nodes(page).count();

  await page.getByTestId('data-testid Panel header Mesh').hover();
  await page.getByTestId('data-testid Panel menu Mesh').click();
  await page.getByTestId('data-testid Panel menu item Explore').click();
  await page.waitForURL(/\/explore/);
  await expect(node(page, 'productpage-v1')).toBeVisible();
  await expect(nodes(page)).toHaveCount(names);
  await expect(page.getByText('bookinfo', { exact: true }).first()).toBeVisible();
});

test('Explore draws a link that says nothing of a query', async ({ mesh, page }) => {
  const panes = { a: { datasource: mesh.uid, queries: [{ refId: 'A' }], range: { from: 'now-10m', to: 'now' } } };
  await page.goto(`/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify(panes))}`);
  await expect(node(page, 'productpage-v1')).toBeVisible();
});
