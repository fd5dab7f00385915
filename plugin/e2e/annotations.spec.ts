import { expect, pluginId, test } from './mesh';
import { store } from './store';

test('an annotation shows a new edge at its time', async ({ makeDashboard, mesh, page, request, setFault }) => {
  test.setTimeout(600_000);
  // What an exporter finds in its first five minutes was there before.
  const age = { query: 'max(time() - process_start_time_seconds{job="meshscope"})' };
  await expect
    .poll(
      async () => {
        const answer = await request.get(`${store.url}/api/v1/query`, { params: age });
        return Number((await answer.json()).data.result[0]?.value[1]);
      },
      { timeout: 330_000, intervals: [5000] }
    )
    .toBeGreaterThan(330);

  const set = await setFault('new-dependency:online-boutique/adservice->sock-shop/user=3');
  const source = { type: pluginId, uid: mesh.uid };
  const path = await makeDashboard(
    { queryType: 'traffic', namespaces: ['sock-shop'] },
    {
      type: 'timeseries',
      annotations: [
        {
          name: 'Changes',
          enable: true,
          iconColor: 'red',
          datasource: source,
          target: { queryType: 'changes', namespaces: ['online-boutique'] },
        },
      ],
    }
  );
  await page.goto(path);

  const marker = page.getByTestId('data-testid annotation-marker').last();
  await expect(async () => {
    await page.getByTestId('data-testid RefreshPicker run button').click();
    await expect(marker).toBeVisible({ timeout: 5000 });
  }).toPass({ timeout: 180_000 });

  await marker.hover();
  await expect(page.getByText('Edge added: adservice → user')).toBeVisible();
  const told = await page.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/).textContent();
  const time = Date.parse(`${told?.replace(' ', 'T')}Z`);
  // It is known to a scrape and to an evaluation.
  expect(time).toBeGreaterThan(set - 20_000);
  expect(time).toBeLessThan(set + 60_000);
});
