import { randomUUID } from 'node:crypto';

import { choose, expect, test } from './mesh';

test('an alert on health fires for the workload that fails, by its names', async ({
  mesh,
  page,
  request,
  setFault,
}) => {
  test.setTimeout(900_000);
  const uid = randomUUID();
  const folder = await request.post('/api/folders', { data: { uid, title: mesh.name } });
  await expect(folder).toBeOK();
  try {
    const group = {
      interval: 10,
      rules: [
        {
          uid: randomUUID(),
          title: 'Workload has failed',
          condition: 'B',
          for: '0s',
          noDataState: 'NoData',
          execErrState: 'Error',
          orgID: 1,
          folderUID: uid,
          ruleGroup: 'mesh',
          annotations: { summary: '{{ $labels.name }} in {{ $labels.namespace }} has failed' },
          data: [
            {
              refId: 'A',
              relativeTimeRange: { from: 300, to: 0 },
              datasourceUid: mesh.uid,
              model: { refId: 'A', queryType: 'health', level: 'workload', namespaces: ['online-boutique'] },
            },
            {
              refId: 'B',
              datasourceUid: '__expr__',
              model: {
                refId: 'B',
                type: 'threshold',
                expression: 'A',
                conditions: [{ evaluator: { type: 'gt', params: [2] } }],
              },
            },
          ],
        },
      ],
    };
    const made = await request.put(`/api/v1/provisioning/folder/${uid}/rule-groups/mesh`, { data: group });
    await expect(made).toBeOK();

    interface Alert {
      state: string;
      labels: Record<string, string>;
      annotations: Record<string, string>;
    }
    /** The rule's health, and its alert about a workload. */
    const alertOf = async (workload: string) => {
      const answer = await request.get('/api/prometheus/grafana/api/v1/rules', { params: { folder_uid: uid } });
      await expect(answer).toBeOK();
      const [rule] = (await answer.json()).data.groups[0]?.rules ?? [];
      const alert: Alert | undefined = rule?.alerts?.find(({ labels }: Alert) => labels.name === workload);
      return { health: rule?.health, state: alert?.state, labels: alert?.labels, annotations: alert?.annotations };
    };

    // It may have to get well first, after a run before.
    const patience = { timeout: 360_000, intervals: [3000] };
    await expect.poll(() => alertOf('adservice'), patience).toMatchObject({ health: 'ok', state: 'Normal' });

    await setFault('errors:online-boutique/adservice=1');
    await expect
      .poll(() => alertOf('adservice'), patience)
      .toMatchObject({
        health: 'ok',
        state: 'Alerting',
        labels: { kind: 'workload', namespace: 'online-boutique', name: 'adservice' },
        annotations: { summary: 'adservice in online-boutique has failed' },
      });
    expect(await alertOf('emailservice')).toMatchObject({ state: 'Normal' });

    await page.goto(`/alerting/grafana/${group.rules[0].uid}/view`);
    await expect(page.getByText('Firing').first()).toBeVisible();
    await page.getByRole('tab', { name: /Instances/ }).click();
    const instance = page.getByTestId('row').filter({ hasText: 'adservice' });
    await expect(instance.first()).toContainText(/Firing|Alerting/);
  } finally {
    await request.delete(`/api/folders/${uid}`, { params: { forceDeleteRules: true } });
  }
});

test('an alert rule is offered what it can evaluate, and previews it', async ({ mesh, page }) => {
  await page.goto('/alerting/new/grafana');
  const picker = page.getByTestId('data-testid Select a data source');
  await picker.click();
  await page.getByRole('button', { name: mesh.name }).click();

  const types = page.getByRole('radiogroup', { name: 'Query type' });
  await expect(types.getByRole('radio', { name: 'Health' })).toBeChecked();
  await expect(types.getByRole('radio')).toHaveCount(2);
  await choose(page, 'Level', 'Namespace');
  await page.getByRole('button', { name: 'Preview alert rule condition' }).click();
  // Simple rules reduce what they are given: numbers stay what they are.
  const instances = page.getByText('kind="namespace", name="sock-shop", namespace="sock-shop"');
  await expect(instances).toHaveCount(2);
  await expect(page.getByText(/^(Firing|Normal)$/).first()).toBeVisible();
});
