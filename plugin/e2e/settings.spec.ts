import { expect, test } from './mesh';
import { store } from './store';

const found = /^Found \d+ edges of \d+ namespaces in the exporter's series, newest refresh .+ ago\./;

test('is added by clicking, and tested', async ({ page, request }) => {
  await page.goto('/connections/datasources/new');
  await page.getByPlaceholder('Filter by name or type').fill('meshscope');
  await page.getByRole('button', { name: /Meshscope Topology/ }).click();
  await page.getByLabel('Data source connection URL').fill(store.url);
  const [, uid] = /edit\/([^/?]+)/.exec(page.url()) ?? [];
  try {
    await page.getByTestId('data-testid Data source settings page Save and Test button').click();
    await expect(page.getByText(found)).toBeVisible();
  } finally {
    await request.delete(`/api/datasources/uid/${uid}`);
  }
});

test('says what it found', async ({ mesh, gotoDataSourceConfigPage, page }) => {
  const settings = await gotoDataSourceConfigPage(mesh.uid);
  await expect(page.getByLabel('Data source connection URL')).toHaveValue(store.url);
  await expect(settings.saveAndTest()).toBeOK();
  await expect(settings).toHaveAlert('success', { hasText: found });
});

test('says that nothing answers at a wrong URL', async ({ mesh, gotoDataSourceConfigPage, page }) => {
  const settings = await gotoDataSourceConfigPage(mesh.uid);
  await page.getByLabel('Data source connection URL').fill('http://127.0.0.1:1');
  await expect(settings.saveAndTest()).not.toBeOK();
  await expect(settings).toHaveAlert('error', { hasText: 'The store cannot be reached' });
});

test('says that a password is wrong, and takes the right one', async ({
  mesh,
  guardedStore,
  gotoDataSourceConfigPage,
  page,
}) => {
  const settings = await gotoDataSourceConfigPage(mesh.uid);
  await page.getByLabel('Data source connection URL').fill(guardedStore);
  await page.getByLabel('Authentication method').click();
  await page.getByText('Basic authentication', { exact: true }).click();
  await page.getByRole('textbox', { name: 'User' }).fill('mesh');
  await page.getByPlaceholder('Password').fill('wrong');
  await expect(settings.saveAndTest()).not.toBeOK();
  await expect(settings).toHaveAlert('error', { hasText: 'The store refuses the credentials' });

  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByPlaceholder('Password').fill('s3cret');
  await expect(settings.saveAndTest()).toBeOK();
  await expect(settings).toHaveAlert('success', { hasText: found });
});

test('says that a store has no mesh', async ({ mesh, emptyStore, gotoDataSourceConfigPage, page }) => {
  const settings = await gotoDataSourceConfigPage(mesh.uid);
  await page.getByLabel('Data source connection URL').fill(emptyStore);
  await expect(settings.saveAndTest()).not.toBeOK();
  await expect(settings).toHaveAlert('error', { hasText: 'has neither meshscope_* nor istio_* series' });
});

test('keeps what was entered', async ({ mesh, gotoDataSourceConfigPage, page, request }) => {
  const settings = await gotoDataSourceConfigPage(mesh.uid);
  await page.getByRole('radio', { name: 'Raw' }).check();
  await page.getByLabel(/Maximum range/).fill('2h');
  await page.getByRole('button', { name: 'Expand section Requests' }).click();
  await page.getByRole('radio', { name: 'GET' }).check({ force: true });
  await page.getByLabel('Custom query parameters').fill('dedup=true&x=a b');
  await page.getByLabel('Maximum response size').fill('64');
  await settings.saveAndTest();

  const stored = await (await request.get(`/api/datasources/uid/${mesh.uid}`)).json();
  expect(stored.jsonData).toMatchObject({
    seriesSource: 'raw',
    rawMaxRange: '2h',
    httpMethod: 'GET',
    customQueryParameters: 'dedup=true&x=a b',
    maxResponseMegabytes: 64,
  });

  await page.reload();
  await expect(page.getByRole('radio', { name: 'Raw' })).toBeChecked();
  await expect(page.getByLabel(/Maximum range/)).toHaveValue('2h');
  await page.getByRole('button', { name: 'Expand section Requests' }).click();
  await expect(page.getByRole('radio', { name: 'GET' })).toBeChecked();
  await expect(page.getByLabel('Maximum response size')).toHaveValue('64');
});
