import type { Page } from '@playwright/test';

import { asked, lastPane, type Range } from './explore';
import { closeMenu, item, openEdge, openNode } from './menu';
import { expect, node, nodes, test } from './mesh';
import { proposals } from '../src/links';

const id = (workload: string) => `workload/Kubernetes/bookinfo/${workload}`;

/** Some minutes of the past, for "now" is another with each look at it. */
const end = Math.floor(Date.now() / 60_000) * 60_000;
const range: Range = { from: end - 300_000, to: end };
const inRange = `from=${range.from}&to=${range.to}`;
const urlRange = { from: `${range.from}`, to: `${range.to}` };
const iso = [range.from, range.to].map((ms) => new Date(ms).toISOString());
const shownRange = iso.map((time) => time.replace('T', ' ').slice(0, 19));

test.use({ timezoneId: 'UTC', viewport: { width: 1600, height: 1400 }, actionTimeout: 30_000 });

const ratings = { focus: { name: 'ratings-v1', namespace: 'bookinfo', depth: 2 }, layout: 'layered' };

/** The names of the nodes that are drawn. */
const names = (page: Page) =>
  nodes(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-node-id')?.split('/').pop()).sort());

const ofRatings = ['mongodb-v1', 'ratings-v1', 'reviews-v2', 'reviews-v3'];

test.describe('of a node show in Explore', () => {
  for (const { link, shown, query } of [
    { link: 'Focus here', shown: ofRatings, query: { depth: 1, direction: 'both' } },
    {
      link: 'Upstream: all that lead here',
      shown: ['istio-ingressgateway', 'productpage-v1', 'ratings-v1', 'reviews-v2', 'reviews-v3'],
      query: { depth: 100, direction: 'in' },
    },
    {
      link: 'Downstream: all that it leads to',
      shown: ['mongodb-v1', 'ratings-v1'],
      query: { depth: 100, direction: 'out' },
    },
  ]) {
    test(link, async ({ mesh, makeDashboard, page }) => {
      await page.goto(`${await makeDashboard(ratings)}?${inRange}`);
      await openNode(page, node(page, 'ratings-v1'));
      expect((await asked(page, mesh.uid, () => item(page, link).click())).range).toEqual(range);
      const focus = { kind: 'workload', name: 'ratings-v1', namespace: 'bookinfo', ...query };
      expect(await lastPane(page)).toMatchObject({
        datasource: mesh.uid,
        range: urlRange,
        queries: [{ layout: 'layered', focus }],
      });
      await expect.poll(() => names(page)).toEqual(shown);
    });
  }

  test('Over time, as of an edge', async ({ mesh, makeDashboard, page }) => {
    const path = `${await makeDashboard(ratings)}?${inRange}`;
    const series = page.getByRole('button', { name: /-v\d/ });
    await page.goto(path);
    await openNode(page, node(page, 'mongodb-v1'));
    expect((await asked(page, mesh.uid, () => item(page, 'Over time').click())).range).toEqual(range);
    await expect(series.first()).toBeVisible();
    for (const one of await series.all()) {
      await expect(one).toHaveText(/^mongodb-v1\b/);
    }

    await page.goto(path);
    await openEdge(page, id('reviews-v3'), id('ratings-v1'));
    expect((await asked(page, mesh.uid, () => item(page, 'Over time').click())).range).toEqual(range);
    await expect(series.first()).toBeVisible();
    for (const one of await series.all()) {
      await expect(one).toHaveText(/^reviews-v3 → ratings-v1\b/);
    }
  });

  test('workloads and services of a namespace', async ({ mesh, makeDashboard, page }) => {
    const path = `${await makeDashboard({ level: 'namespace', layout: 'layered' })}?${inRange}`;
    for (const { link, level, drawn } of [
      { link: 'Its workloads', level: 'workload', drawn: ['reviews-v2', 'details-v1'] },
      { link: 'Its services', level: 'service', drawn: ['reviews', 'details'] },
    ]) {
      await page.goto(path);
      await openNode(page, node(page, 'bookinfo'));
      expect((await asked(page, mesh.uid, () => item(page, link).click())).range).toEqual(range);
      expect((await lastPane(page)).queries).toMatchObject([{ level, namespaces: ['bookinfo'] }]);
      for (const name of drawn) {
        await expect(nodes(page).filter({ has: page.getByText(name, { exact: true }) })).toBeAttached();
      }
      await expect(node(page, 'adservice')).toHaveCount(0);
    }
  });
});

test('PromQL of a node and of an edge opens in Explore, where it has series', async ({
  makeSource,
  makeDashboard,
  page,
}) => {
  const prometheus = await makeSource({ timeInterval: '15s' }, { type: 'prometheus' });
  const source = await makeSource({ prometheusUid: prometheus.uid });
  const path = `${await makeDashboard(ratings, { source })}?${inRange}`;
  const destination =
    'destination_cluster="Kubernetes", destination_workload_namespace="bookinfo", destination_workload="ratings-v1"';
  const matchers = {
    node: destination,
    edge: `source_cluster="Kubernetes", source_workload_namespace="bookinfo", source_workload="reviews-v2", ${destination}`,
  };
  for (const of of ['node', 'edge'] as const) {
    await page.goto(path);
    await (of === 'node'
      ? openNode(page, node(page, 'ratings-v1'))
      : openEdge(page, id('reviews-v2'), id('ratings-v1')));
    await expect(item(page, 'PromQL: p95 of durations')).toBeVisible();
    await expect(item(page, 'PromQL: TCP bytes to the server'), 'they do not speak TCP').toHaveCount(0);
    const { query, range: ofQuery } = await asked(page, prometheus.uid, () => item(page, 'PromQL: requests').click());
    expect(ofQuery).toEqual(range);
    expect(query.expr).toBe(
      `sum by (response_code) (rate(meshscope_edge_requests_total{${matchers[of]}}[$__rate_interval]))`
    );
    await expect(page.getByText(/response_code="200"|^200$/).first()).toBeVisible();
  }
});

test('in Explore they open beside the graph, and the way goes on', async ({ mesh, page }) => {
  const panes = { a: { datasource: mesh.uid, queries: [{ refId: 'A', ...ratings }], range: urlRange } };
  await page.goto(`/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify(panes))}`);
  await openNode(page, node(page, 'ratings-v1'));
  expect((await asked(page, mesh.uid, () => item(page, 'Focus here').click())).range).toEqual(range);
  expect(await lastPane(page, 2)).toMatchObject({
    range: urlRange,
    queries: [{ focus: { name: 'ratings-v1', depth: 1 } }],
  });
  const right = page.getByTestId('data-testid Explore').last();
  await expect(node(right, 'mongodb-v1')).toBeAttached();
});

test('of one’s own to dashboards have names and the range in variables', async ({
  makeSource,
  makeDashboard,
  importDashboard,
  context,
  page,
  mesh,
}) => {
  const prometheus = await makeSource({ timeInterval: '15s' }, { type: 'prometheus' });
  const to = async (name: string, variables: string) =>
    `/d/${await importDashboard(name)}?var-datasource=${prometheus.uid}&var-meshscope=${mesh.uid}&${variables}&\${__url_time_range}`;
  const destination =
    'var-destination_cluster=${target.cluster}&var-destination_namespace=${target.namespace}&var-destination=${target.name}';
  const source = await makeSource({
    links: [
      {
        title: 'Dashboards/Workload',
        on: 'node',
        kinds: ['workload'],
        url: await to('workload', 'var-cluster=${cluster}&var-namespace=${namespace}&var-workload=${workload}'),
      },
      {
        title: 'Dashboards/Namespace',
        on: 'node',
        url: await to('namespace', 'var-cluster=${cluster}&var-namespace=${namespace}'),
      },
      {
        title: 'Dashboards/Edge',
        on: 'edge',
        url: await to(
          'edge',
          `var-source_cluster=\${source.cluster}&var-source_namespace=\${source.namespace}&var-source_workload=\${source.workload}&${destination}`
        ),
      },
    ],
  });
  await page.goto(`${await makeDashboard(ratings, { source })}?${inRange}`);
  for (const { open, link, variables, drawn } of [
    {
      open: () => openNode(page, node(page, 'ratings-v1')),
      link: 'Workload',
      variables: { cluster: 'Kubernetes', namespace: 'bookinfo', workload: 'ratings-v1' },
      drawn: 'reviews-v2',
    },
    {
      open: () => openNode(page, node(page, 'ratings-v1')),
      link: 'Namespace',
      variables: { cluster: 'Kubernetes', namespace: 'bookinfo' },
      drawn: 'productpage-v1',
    },
    {
      open: () => openEdge(page, id('reviews-v2'), id('ratings-v1')),
      link: 'Edge',
      variables: {
        source_cluster: 'Kubernetes',
        source_namespace: 'bookinfo',
        source_workload: 'reviews-v2',
        destination_cluster: 'Kubernetes',
        destination_namespace: 'bookinfo',
        destination: 'ratings-v1',
      },
      drawn: 'ratings-v1',
    },
  ]) {
    await open();
    const [tab] = await Promise.all([context.waitForEvent('page'), item(page, link).click()]);
    await expect(node(tab, drawn).first()).toBeAttached();
    await expect(tab.getByTestId('data-testid TimePicker Open Button')).toContainText(shownRange.join(' to '));
    await expect(
      tab
        .getByTestId('data-testid Panel header Requests')
        .or(tab.getByTestId('data-testid Panel header Requests in'))
        .first()
    ).toContainText('req/s');
    await expect(tab.getByTestId('data-testid Panel status error')).toHaveCount(0);
    const { searchParams } = new URL(tab.url());
    for (const [name, value] of Object.entries(variables)) {
      expect(searchParams.getAll(`var-${name}`)).toEqual([value]);
    }
    expect({ from: searchParams.get('from'), to: searchParams.get('to') }).toEqual({
      from: iso[0],
      to: iso[1],
    });
    await tab.close();
    await closeMenu(page);
  }
});

test('of one’s own to logs, traces and other pages ask these for the names and the range', async ({
  makeSource,
  makeDashboard,
  outside,
  page,
}) => {
  const [loki, tempo, jaeger] = await Promise.all(
    ['loki', 'tempo', 'jaeger'].map((type) => makeSource({}, { type, url: outside.url }))
  );
  const links = proposals
    .filter(({ link }) => /Loki|Tempo|Jaeger|Zipkin|Kiali/.test(link.title))
    .map(({ link: { internal, url, ...link } }) => ({
      ...link,
      url: url?.replace(/^https:\/\/[^/]+/, outside.url),
      internal: internal && { ...internal, datasourceUid: { loki, tempo, jaeger }[internal.datasourceUid]!.uid },
    }));
  const source = await makeSource({ links });
  const path = `${await makeDashboard(ratings, { source })}?${inRange}`;
  const seconds = { start: range.from / 1000, end: range.to / 1000 };
  for (const { link, path: asked, params } of [
    {
      link: 'Loki',
      path: '/loki/api/v1/query_range',
      params: {
        query: '{namespace="bookinfo", pod=~"ratings-v1-.*"}',
        start: `${seconds.start}000000000`,
        end: `${seconds.end}000000000`,
      },
    },
    {
      link: 'Tempo',
      path: '/api/search',
      params: { q: '{resource.service.name="ratings.bookinfo"}', start: `${seconds.start}`, end: `${seconds.end}` },
    },
    {
      link: 'Jaeger',
      path: '/api/traces',
      params: { service: 'ratings.bookinfo', start: `${seconds.start}000000`, end: `${seconds.end}000000` },
    },
    { link: 'Zipkin', path: '/zipkin/', params: { serviceName: 'ratings.bookinfo', endTs: `${range.to}` } },
    {
      link: 'Workload',
      path: '/kiali/console/namespaces/bookinfo/workloads/ratings-v1',
      params: { duration: '300' },
    },
  ]) {
    await page.goto(path);
    await openNode(page, node(page, 'ratings-v1'));
    outside.calls.length = 0;
    await item(page, link).click();
    const call = () => {
      const found = outside.calls.find(({ pathname }) => pathname === asked);
      return found && Object.fromEntries(Object.keys(params).map((name) => [name, found.searchParams.get(name)]));
    };
    await expect.poll(call, { message: link }).toEqual(params);
  }
});
