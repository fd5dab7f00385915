import type { Page } from '@playwright/test';

import { expect, test } from './mesh';

/** What a panel says that has failed. */
async function expectError(page: Page, message: RegExp) {
  await page.getByTestId('data-testid Panel status error').hover();
  await expect(page.getByRole('tooltip').filter({ hasText: message })).toBeVisible();
}

test('a panel says that nothing answers at a wrong URL', async ({ makeDashboard, makeSource, page }) => {
  const source = await makeSource({}, { url: 'http://127.0.0.1:1' });
  await page.goto(await makeDashboard({}, { source }));
  await expectError(page, /The store cannot be reached.*connection refused/s);
});

test('a panel says that a password is wrong, and does not say the password', async ({
  guardedStore,
  makeDashboard,
  makeSource,
  page,
}) => {
  const source = await makeSource(
    {},
    {
      url: guardedStore,
      basicAuth: true,
      basicAuthUser: 'mesh',
      secureJsonData: { basicAuthPassword: 'hunter2' },
    }
  );
  await page.goto(await makeDashboard({}, { source }));
  await expectError(page, /refuses the credentials/);
  expect(await page.content()).not.toContain('hunter2');
});

test('a panel says that a store has no mesh', async ({ emptyStore, makeDashboard, makeSource, page }) => {
  const source = await makeSource({}, { url: emptyStore });
  for (const queryType of ['graph', 'health', 'traffic']) {
    await page.goto(
      await makeDashboard({ queryType }, { source, type: queryType === 'graph' ? 'nodeGraph' : 'table' })
    );
    const panel = page.getByTestId('data-testid Panel header Mesh');
    await expect(panel.getByText('No data')).toBeVisible();
    await panel.getByTestId('icon-file-landscape-alt').hover();
    await expect(page.getByRole('tooltip')).toContainText('there were neither meshscope_* nor istio_* series');
  }
});

test('a panel of changes says that it needs the exporter', async ({ makeDashboard, makeSource, page }) => {
  const source = await makeSource({ seriesSource: 'raw' });
  await page.goto(await makeDashboard({ queryType: 'changes' }, { source, type: 'table' }));
  await expectError(page, /exporter/);
});
