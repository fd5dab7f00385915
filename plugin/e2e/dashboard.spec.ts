import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, node, test } from './mesh';
import { store } from './store';

const overview = JSON.parse(readFileSync(join(__dirname, '..', '..', 'dashboards', 'mesh-overview.json'), 'utf8'));

// Grafana draws panels where they are seen: all of them are.
test.use({ viewport: { width: 1440, height: 2200 } });

test('the overview draws all three applications, and what its variables choose', async ({ mesh, page, request }) => {
  const prometheus = await request.post('/api/datasources', {
    data: {
      name: `Store of ${mesh.name}`,
      type: 'prometheus',
      access: 'proxy',
      url: store.url,
      jsonData: { timeInterval: '15s' },
    },
  });
  await expect(prometheus).toBeOK();
  const { uid } = (await prometheus.json()).datasource;
  const dashboard = { ...overview, uid: mesh.uid, title: mesh.name };
  const stored = await request.post('/api/dashboards/db', { data: { dashboard } });
  await expect(stored).toBeOK();
  const path = `${(await stored.json()).url}?from=now-5m&to=now&var-datasource=${uid}&var-meshscope=${mesh.uid}`;
  try {
    await page.goto(path);
    for (const namespace of ['bookinfo', 'online-boutique', 'sock-shop']) {
      await expect(node(page, namespace).first()).toBeAttached();
    }
    await expect(page.getByTestId('data-testid Panel header Requests').getByText('req/s')).toBeVisible();
    const worst = page.getByTestId('data-testid Panel header Worst edges');
    await expect(worst.getByText(/^(productpage|front-end|frontend)/).first()).toBeVisible();
    await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);

    await page.goto(`${path}&var-namespace=sock-shop&var-level=workload`);
    await expect(node(page, 'front-end').first()).toBeAttached();
    await expect(node(page, 'productpage-v1')).toHaveCount(0);
  } finally {
    await request.delete(`/api/dashboards/uid/${dashboard.uid}`);
    await request.delete(`/api/datasources/uid/${uid}`);
  }
});
