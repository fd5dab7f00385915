import { expect, test as setup } from '@playwright/test';

import { store } from './store';

setup('the store has seen some minutes of the exporter', async ({ request }) => {
  setup.setTimeout(360_000);
  await expect
    .poll(
      async () => {
        const query =
          'count(increase(meshscope_edge_requests_total[10m]) > 0 and count_over_time(meshscope_edge_requests_total[10m]) > 11)';
        const answer = await request.get(`${store.url}/api/v1/query`, { params: { query } });
        const { data } = await answer.json();
        return Number(data.result[0]?.value[1] ?? 0);
      },
      { timeout: 330_000, intervals: [3000] }
    )
    .toBeGreaterThan(20);
});
