import { closeMenu, openEdge, openNode } from './menu';
import { expect, node, test } from './mesh';

const id = (namespace: string, workload: string) => `workload/Kubernetes/${namespace}/${workload}`;

test.use({ viewport: { width: 1600, height: 1400 } });

test('a comparison, typed into the editor, tells what is new, gone, slower and failing more since faults', async ({
  makeDashboard,
  page,
  setFault,
}) => {
  test.setTimeout(600_000);
  await setFault('latency:bookinfo/details-v1=400ms');
  await setFault('new-dependency:bookinfo/details-v1->sock-shop/catalogue=2');
  await setFault('no-endpoints:sock-shop/carts');
  const since = await setFault('errors:bookinfo/ratings-v1=0.8');

  // Durations are published once a minute: two minutes have some of them. Those that begin when the faults are in the
  // exporter's series are compared with two of four minutes before.
  const [from, to] = [since + 90_000, since + 210_000];
  await expect.poll(() => Date.now(), { timeout: 300_000, intervals: [1000] }).toBeGreaterThan(to + 15_000);
  const query = { namespaces: ['bookinfo'], layout: 'layered' };
  const path = `${await makeDashboard(query)}?from=${from}&to=${to}`;
  await page.goto(`${path}&editPanel=1`);
  await expect(node(page, 'details-v1')).toBeAttached();
  const legend = (name: string) => page.getByTestId(`data-testid VizLegend series ${name}`);
  await expect(legend('slower')).toHaveCount(0);

  await page.getByText('Options', { exact: true }).last().click();
  await page.getByLabel('Compare with').fill('4m');
  await page.getByLabel('Compare with').press('Enter');
  for (const change of ['unchanged', 'new', 'gone', 'slower', 'failing more']) {
    await expect(legend(change)).toBeVisible();
  }
  await page.getByTestId('data-testid Save dashboard button').click();
  await page.getByTestId('data-testid Save dashboard drawer button').click();
  await expect(page.getByTestId('data-testid Save dashboard drawer button')).toHaveCount(0);

  const change = page.getByRole('row').filter({ hasText: /^Change:/ });
  const expectChange = async (told: string) => {
    await expect(change).toHaveText(`Change: ${told}`);
    await closeMenu(page);
  };
  await page.goto(path);
  for (const [workload, told] of Object.entries({
    'details-v1': 'slower',
    'ratings-v1': 'failing more',
  })) {
    await openNode(page, node(page, workload));
    await expectChange(told);
  }
  await openNode(page, node(page, 'reviews-v1'));
  await expect(change, 'it has not changed').toHaveCount(0);
  await closeMenu(page);
  await openEdge(page, id('bookinfo', 'details-v1'), id('sock-shop', 'catalogue'));
  await expectChange('new');

  const focus = { name: 'carts', namespace: 'sock-shop' };
  await page.goto(`${await makeDashboard({ focus, compareOffset: '4m', layout: 'layered' })}?from=${from}&to=${to}`);
  await openEdge(page, id('sock-shop', 'front-end'), id('sock-shop', 'carts'));
  await expectChange('gone');
});
