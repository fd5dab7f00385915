import { choose, expect, node, nodes, pluginId, test } from './mesh';

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

test('a variable has the names that there are in the mesh, and drives a panel', async ({
  makeDashboard,
  mesh,
  page,
}) => {
  const source = { type: pluginId, uid: mesh.uid };
  const of = (name: string, query: object, current: string) => ({
    name,
    type: 'query',
    datasource: source,
    query: { refId: name, queryType: 'values', ...query },
    refresh: 2,
    current: { text: current, value: current },
  });
  const variables = [
    of('namespace', { of: 'namespaces' }, 'bookinfo'),
    of('workload', { of: 'workloads', namespaces: ['$namespace'] }, 'details-v1'),
  ];
  const query = { namespaces: ['$namespace'], filter: 'node.name == "$workload"' };
  const path = await makeDashboard(query, { variables });
  await page.goto(path);
  await expect(node(page, 'details-v1')).toBeVisible();
  await expect(node(page, 'carts')).toHaveCount(0);

  const dropDowns = page.getByTestId(/^data-testid Dashboard template variables Variable Value DropDown.*-input$/);
  await dropDowns.first().click();
  await page.getByRole('option', { name: 'sock-shop', exact: true }).click();
  await expect(node(page, 'details-v1')).toHaveCount(0);

  // The workloads that are offered are those of the namespace now.
  await dropDowns.last().click();
  await expect(page.getByRole('option', { name: 'ratings-v1' })).toHaveCount(0);
  await page.getByRole('option', { name: 'carts', exact: true }).click();
  await expect(node(page, 'carts').first()).toBeVisible();
});

test('a variable is made by clicking', async ({ makeDashboard, mesh, page }) => {
  const source = { type: pluginId, uid: mesh.uid };
  const blank = { name: 'of_mesh', type: 'query', datasource: source, query: { refId: 'A' }, current: {} };
  await page.goto(`${await makeDashboard({}, { variables: [blank] })}?editview=variables&editIndex=0`);
  await choose(page, 'Names of', 'Services');
  const preview = page.getByTestId('data-testid Variable editor Preview of Values option');
  await expect(preview.filter({ hasText: 'productpage' }).first()).toBeVisible();
  await choose(page, 'Names of', 'Namespaces');
  await expect(preview.filter({ hasText: 'online-boutique' }).first()).toBeVisible();
});
