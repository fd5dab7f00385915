import type { Page } from '@playwright/test';

import { choose, expect, newPanel, test } from './mesh';

const cell = (page: Page, name: string) => page.getByRole('gridcell', { name, exact: true });
const header = (page: Page, name: string) => page.getByRole('columnheader', { name: new RegExp(`^${name}\\b`) });

test.describe('are built from nothing by clicking:', () => {
  test('a table of nodes', async ({ mesh, page }) => {
    await newPanel(page, mesh, 'Table');
    await choose(page, 'Query type', 'Nodes');
    await expect(cell(page, 'productpage-v1').first()).toBeVisible();
    await choose(page, 'Level', 'Namespace');
    await expect(cell(page, 'online-boutique').first()).toBeVisible();
    await expect(cell(page, 'productpage-v1')).toHaveCount(0);
  });

  test('a table of edges', async ({ mesh, page }) => {
    await newPanel(page, mesh, 'Table');
    await choose(page, 'Query type', 'Edges');
    await expect(header(page, 'Source name')).toBeVisible();
    await expect(
      page.getByRole('row').filter({ hasText: 'productpage-v1' }).filter({ hasText: 'bookinfo' }).first()
    ).toBeVisible();
  });

  test('a table of verdicts', async ({ mesh, page }) => {
    await newPanel(page, mesh, 'Table');
    await choose(page, 'Query type', 'Health');
    await expect(header(page, 'Health')).toBeVisible();
    // Clusters and versions have no verdicts, and are not offered.
    await expect(page.getByRole('radiogroup', { name: 'Level' }).getByRole('radio')).toHaveCount(4);
    await choose(page, 'Level', 'Namespace');
    const row = page.getByRole('row').filter({ has: cell(page, 'sock-shop') });
    await expect(row.first()).toContainText(/Healthy|Not ready|Degraded|Failure/);

    await choose(page, 'Of', 'Edges');
    await expect(header(page, 'Source name')).toBeVisible();
    await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
  });

  test('time series of traffic', async ({ mesh, page }) => {
    await newPanel(page, mesh, 'Time series');
    await choose(page, 'Query type', 'Traffic');
    const series = (name: string) => page.getByRole('button', { name, exact: true });
    await expect(series('productpage-v1 → details-v1')).toBeVisible();

    await choose(page, 'Of', 'Nodes');
    await choose(page, 'Level', 'Namespace');
    await expect(series('bookinfo')).toBeVisible();
    await expect(series('productpage-v1 → details-v1')).toHaveCount(0);
  });

  test('a table of names', async ({ mesh, page }) => {
    await newPanel(page, mesh, 'Table');
    await choose(page, 'Query type', 'Values');
    await expect(cell(page, 'sock-shop').first()).toBeVisible();
    await choose(page, 'Names of', 'Workloads');
    await expect(cell(page, 'adservice').first()).toBeVisible();
    await expect(cell(page, 'sock-shop')).toHaveCount(0);
  });
});
