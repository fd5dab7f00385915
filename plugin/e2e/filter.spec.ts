import type { Page } from '@playwright/test';

import { expect, node, test } from './mesh';

const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter', exact: true });

test('a filter is completed by the keyboard, and leaves what it says', async ({ makeDashboard, page }) => {
  await page.goto(`${await makeDashboard({})}?editPanel=1`);
  await expect(node(page, 'carts-db')).toBeAttached();

  await filter(page).pressSequentially('edge.req');
  const completions = page.getByRole('listbox', { name: 'Filter: completions' });
  const offered = completions.getByRole('option', { name: /^requestRate/ });
  await expect(offered).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('ArrowDown');
  await expect(offered).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(filter(page)).toHaveValue('edge.requestRate');

  await page.keyboard.type(' > 10 and target.namespace == "online-boutique"');
  await page.keyboard.press('Enter');
  await expect(node(page, 'carts-db')).toHaveCount(0);
  await expect(node(page, 'productpage-v1')).toHaveCount(0);
  await expect(node(page, 'frontend').first()).toBeAttached();
});

test('the whole list of completions can be seen', async ({ makeDashboard, page }) => {
  await page.goto(`${await makeDashboard({})}?editPanel=1`);
  await filter(page).pressSequentially('edge.');
  const completions = page.getByRole('listbox', { name: 'Filter: completions' });
  await expect(completions.getByRole('option').first()).toBeInViewport({ ratio: 1 });
  await expect(completions).toBeInViewport({ ratio: 0.95 });
});

test('a filter with a mistake says what is wrong, below it and on the panel', async ({ makeDashboard, page }) => {
  await page.goto(`${await makeDashboard({ namespaces: ['bookinfo'] })}?editPanel=1`);
  await expect(node(page, 'productpage-v1')).toBeAttached();
  const wrong = 'column 6: edge has no field "errorRato"; did you mean errorRatio?';

  await filter(page).fill('edge.errorRato > 1');
  await expect(page.getByRole('alert').filter({ hasText: wrong })).toBeVisible();
  await expect(filter(page)).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Enter');
  await page.getByTestId('data-testid Panel status error').hover();
  await expect(page.getByRole('tooltip').filter({ hasText: wrong })).toBeVisible();

  await filter(page).fill('edge.requestRate > 0.001');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: wrong })).toHaveCount(0);
  await expect(node(page, 'productpage-v1')).toBeAttached();
  await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
});
