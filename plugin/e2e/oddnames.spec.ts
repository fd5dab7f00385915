import type { Page, Response } from '@playwright/test';

import { lastPane, type Range } from './explore';
import { closeMenu, item, items, openEdge, openNode } from './menu';
import { expect, nodes, test as base } from './mesh';
import { callee, caller, idOf, oddAge, oddNames, oddSeries, rate } from './oddMesh';
import { noPrometheus, runPrometheus } from './prometheus';

const end = Math.floor(Date.now() / 60_000) * 60;
const range: Range = { from: (end - oddAge / 2) * 1000, to: end * 1000 };
const inRange = `from=${range.from}&to=${range.to}`;
const urlRange = { from: `${range.from}`, to: `${range.to}` };

/** A Prometheus of the mesh with odd names, for all tests. */
const test = base.extend<object, { oddStore: string }>({
  oddStore: [
    async ({}, use) => {
      const url = 'http://127.0.0.1:39092';
      const stop = await runPrometheus(url, oddSeries(end));
      await use(url);
      await stop();
    },
    { scope: 'worker' },
  ],
});

test.skip(noPrometheus !== undefined, noPrometheus);
test.use({ timezoneId: 'UTC', viewport: { width: 1600, height: 1400 }, actionTimeout: 30_000 });

/** A name as an expression has it, in which Grafana sees no variable. */
const quoted = (name: string) => JSON.stringify(name).replace(/[$[]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);

/** A filter that lets a name through, with what calls it and what it calls. */
const filterOf = (name: string) => `node.name in [${[caller, name, callee].map(quoted).join(', ')}]`;

/** What a query would read as something else than the name. */
const isPattern = (name: string) => /[*?$[]/.test(name);

const idsOf = (page: Page) =>
  nodes(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-node-id')).sort());

/** Opens a link of a menu in a tab of its own, as a click with the control key does, and closes it after a look. */
async function inTab(open: () => Promise<Page>, link: string, look: (tab: Page) => Promise<void>) {
  const page = await open();
  const opened = page.context().waitForEvent('page');
  await item(page, link).click({ modifiers: ['ControlOrMeta'] });
  const tab = await opened;
  await look(tab);
  await tab.close();
}

const isAnswerOf = (uid: string) => (response: Response) =>
  response.url().includes('/api/ds/query') && response.request().postDataJSON().queries[0].datasource.uid === uid;

for (const name of oddNames) {
  test(`links of ${name} lead to it`, async ({
    oddStore: url,
    makeSource,
    makeDashboard,
    importDashboard,
    outside,
    page,
  }) => {
    test.setTimeout(300_000);
    const prometheus = await makeSource({ timeInterval: '15s' }, { type: 'prometheus', url });
    const [loki, jaeger] = [
      await makeSource({}, { type: 'loki', url: outside.url }),
      await makeSource({}, { type: 'jaeger', url: outside.url }),
    ];
    const plain = await makeSource({}, { url });
    const dashboard = async (of: string) =>
      `/d/${await importDashboard(of)}?var-datasource=${prometheus.uid}&var-meshscope=${plain.uid}`;
    const edgeVariables = Object.entries({
      source_cluster: 'source.cluster',
      source_namespace: 'source.namespace',
      source_workload: 'source.workload',
      destination_cluster: 'target.cluster',
      destination_namespace: 'target.namespace',
      destination: 'target.name',
    }).map(([variable, placeholder]) => `var-${variable}=\${${placeholder}}`);
    const source = await makeSource(
      {
        prometheusUid: prometheus.uid,
        links: [
          {
            title: 'Own/Dashboard',
            on: 'node',
            url: `${await dashboard('workload')}&var-cluster=\${cluster}&var-namespace=\${namespace}&var-workload=\${workload}&\${__url_time_range}`,
          },
          {
            title: 'Own/Page',
            on: 'node',
            url: `${outside.url}/of/\${namespace}/\${name}?name=\${name}&json=%22\${name:quoted}%22&to=\${__to}`,
          },
          {
            title: 'Own/Logs',
            on: 'node',
            internal: {
              datasourceUid: loki.uid,
              query: { expr: '{namespace="${namespace}", pod=~"${workload:regex}-.*"}', queryType: 'range' },
            },
          },
          {
            title: 'Own/Traces',
            on: 'node',
            internal: { datasourceUid: jaeger.uid, query: { queryType: 'search', service: '${app}.${namespace}' } },
          },
          {
            title: 'Own/Dashboard',
            on: 'edge',
            url: `${await dashboard('edge')}&${edgeVariables.join('&')}&\${__url_time_range}`,
          },
        ],
      },
      { url }
    );
    await page.goto(`${await makeDashboard({ filter: filterOf(name), layout: 'layered' }, { source })}?${inRange}`);

    // In the panels of a dashboard Grafana puts names into PromQL. It escapes quotes or backslashes and never both, and
    // takes what begins with a dollar sign for another variable.
    const isDrawn = !/[\\$]/.test(name);
    const id = idOf(name);
    const around = [idOf(caller), id, idOf(callee)].sort();
    await expect.poll(() => idsOf(page)).toEqual(around);
    const openIt = async () => {
      await openNode(page, page.locator(`[data-node-id="${id}"]`));
      return page;
    };
    await openIt();
    expect(await items(page).allTextContents()).toEqual([
      'Show in Grid layout',
      ...(isPattern(name) ? [] : ['Focus here', 'Upstream: all that lead here', 'Downstream: all that it leads to']),
      'Over time',
      'PromQL: requests',
      'PromQL: p95 of durations',
      ...(name === '..' ? [] : ['Dashboard', 'Page']),
      'Logs',
      ...(/^[\w./-]+$/.test(name) ? ['Traces'] : []),
    ]);
    await closeMenu(page);

    if (!isPattern(name)) {
      await inTab(openIt, 'Focus here', async (tab) => {
        await expect.poll(() => idsOf(tab)).toEqual(around);
        const pane = await lastPane(tab);
        expect(pane).toMatchObject({
          range: urlRange,
          queries: [{ focus: { kind: 'workload', namespace: name, name } }],
        });
      });
    }
    await inTab(openIt, 'Over time', async (tab) => {
      const series = tab.getByTestId(/^data-testid VizLegend series /);
      await expect(series.first()).toBeVisible();
      for (const text of await series.allTextContents()) {
        expect(text.startsWith(name), text).toBe(true);
      }
      expect((await lastPane(tab)).range).toEqual(urlRange);
    });
    await inTab(openIt, 'PromQL: requests', async (tab) => {
      expect(await lastRate(tab, prometheus.uid)).toBeCloseTo(rate);
    });
    await inTab(openIt, 'Logs', async () => {
      // Grafana also asks for how many lines there are, which is another query.
      const queries = () =>
        outside.calls
          .filter(({ pathname }) => pathname === '/loki/api/v1/query_range')
          .map(({ searchParams }) => searchParams.get('query')!)
          .filter((query) => query.startsWith('{'));
      await expect.poll(queries).not.toHaveLength(0);
      const [query] = queries();
      const matchers = /^\{namespace=("(?:[^"\\]|\\.)*"), pod=~("(?:[^"\\]|\\.)*")\}$/.exec(query);
      expect(matchers, query).not.toBeNull();
      const [, namespace, pod] = matchers!;
      expect(JSON.parse(namespace)).toBe(name);
      const pods = new RegExp(`^(?:${JSON.parse(pod)})$`);
      expect([`${name}-x`, name, `x${name}-x`].map((one) => pods.test(one))).toEqual([true, false, false]);
    });
    if (name !== '..') {
      await inTab(openIt, 'Page', async () => {
        await expect.poll(() => outside.calls.some(({ pathname }) => pathname.startsWith('/of/'))).toBe(true);
        const { pathname, searchParams } = outside.calls.find(({ pathname }) => pathname.startsWith('/of/'))!;
        expect(pathname.split('/').map(decodeURIComponent)).toEqual(['', 'of', name, name]);
        expect(searchParams.get('name')).toBe(name);
        expect(JSON.parse(searchParams.get('json')!)).toBe(name);
        expect(searchParams.get('to')).toBe(`${range.to}`);
      });
      await inTab(openIt, 'Dashboard', async (tab) => {
        // A focus may be a glob, and a dashboard's is what its variable says.
        await expect.poll(() => idsOf(tab)).toEqual(isPattern(name) ? expect.arrayContaining(around) : around);
        await expectDashboard(tab, { cluster: 'east', namespace: name, workload: name }, isDrawn);
      });
    }

    const openEdgeToIt = async () => {
      await openEdge(page, idOf(caller), id);
      return page;
    };
    await openEdgeToIt();
    expect(await items(page).allTextContents()).toEqual([
      'Over time',
      'PromQL: requests',
      'PromQL: p95 of durations',
      ...(name === '..' ? [] : ['Dashboard']),
    ]);
    await closeMenu(page);
    if (name !== '..') {
      await inTab(openEdgeToIt, 'Dashboard', async (tab) => {
        await expectDashboard(
          tab,
          {
            source_cluster: 'east',
            source_namespace: caller,
            source_workload: caller,
            destination_cluster: 'east',
            destination_namespace: name,
            destination: name,
          },
          isDrawn
        );
      });
    }
  });
}

test('the way down from namespaces leads to those of the name, or is not offered', async ({
  oddStore: url,
  makeSource,
  makeDashboard,
  page,
}) => {
  const source = await makeSource({}, { url });
  for (const name of [`a b"c'd`, '<b>, {a}', 'a*?', '[[x]]']) {
    const query = { level: 'namespace', filter: filterOf(name), layout: 'layered' };
    await page.goto(`${await makeDashboard(query, { source })}?${inRange}`);
    await openNode(page, page.locator(`[data-node-id="${idOf(name, 'namespace')}"]`));
    if (isPattern(name)) {
      await expect(item(page, 'Its workloads')).toHaveCount(0);
      continue;
    }
    await item(page, 'Its workloads').click();
    await expect.poll(() => idsOf(page)).toEqual([idOf(caller), idOf(name), idOf(callee)].sort());
    expect(await lastPane(page)).toMatchObject({ range: urlRange, queries: [{ namespaces: [name] }] });
  }
});

/** The number at the end of the only series that Explore gets of a data source. */
async function lastRate(tab: Page, uid: string): Promise<number> {
  const response = await tab.waitForResponse(isAnswerOf(uid), { timeout: 45_000 });
  const { from, to } = response.request().postDataJSON();
  expect({ from, to }).toEqual(urlRange);
  const { frames } = (await response.json()).results.A;
  expect(frames).toHaveLength(1);
  return frames[0].data.values[1].at(-1);
}

/** A dashboard has the variables, the range, and the numbers of what is of one name. */
async function expectDashboard(tab: Page, variables: Record<string, string>, isDrawn: boolean) {
  const requests = tab.getByTestId(/Panel header Requests( in)?$/).first();
  await expect(requests).toContainText(isDrawn ? new RegExp(`^\\D*${rate}\\.00 req/s`) : /None|No requests/);
  if (isDrawn) {
    await expect(tab.getByTestId('data-testid Panel status error')).toHaveCount(0);
  }
  const { searchParams } = new URL(tab.url());
  for (const [variable, value] of Object.entries(variables)) {
    expect(searchParams.getAll(`var-${variable}`), variable).toEqual([value]);
  }
  expect(['from', 'to'].map((side) => Date.parse(searchParams.get(side)!))).toEqual([range.from, range.to]);
}
