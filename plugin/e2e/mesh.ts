import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect, test as base, type DataSourceSettings } from '@grafana/plugin-e2e';
import type { Locator, Page } from '@playwright/test';

import { noPrometheus, runPrometheus } from './prometheus';
import { store } from './store';

export { expect };

export const pluginId = 'meshscope-topology-datasource';

interface DashboardOptions {
  type?: string;
  variables?: object[];
  annotations?: object[];
  source?: DataSourceSettings;
}

interface Fixtures {
  /** Makes a data source of the demo's mesh, with settings of ours, and others of Grafana's. */
  makeSource: (jsonData: object, settings?: object) => Promise<DataSourceSettings>;
  /** A data source of the demo's mesh as it is without settings. */
  mesh: DataSourceSettings;
  /** Makes a dashboard with a panel "Mesh" for a query, a node graph if not said otherwise, and gives its path. */
  makeDashboard: (query: object, more?: DashboardOptions) => Promise<string>;
  /** Sets a fault of the demo, and gives the time of that. */
  setFault: (fault: string) => Promise<number>;
  /** The URL of the store behind a proxy that wants the password "s3cret" of the user "mesh". */
  guardedStore: string;
  /** The URL of a Prometheus that scrapes nothing. */
  emptyStore: string;
  /** A server of pages and of JSON that says nothing, and what it was called for. */
  outside: { url: string; calls: URL[] };
  /** Puts one of the shipped dashboards into Grafana, and gives its uid. */
  importDashboard: (name: string) => Promise<string>;
}

/** What tests have of Grafana beside the browser: made by its API, and removed after the test. */
export const test = base.extend<Fixtures>({
  // Each test has a session of its own: Grafana changes the token of one every ten minutes, and a run takes longer.
  storageState: async ({ playwright, baseURL, user }, use) => {
    const visitor = await playwright.request.newContext({ baseURL });
    await expect(await visitor.post('/login', { data: user })).toBeOK();
    await use(await visitor.storageState());
    await visitor.dispose();
  },

  makeSource: async ({ request }, use) => {
    const made: string[] = [];
    await use(async (jsonData, settings = {}) => {
      const name = `Mesh ${randomUUID()}`;
      const answer = await request.post('/api/datasources', {
        data: { name, type: pluginId, access: 'proxy', url: store.url, jsonData, ...settings },
      });
      await expect(answer).toBeOK();
      const { datasource } = await answer.json();
      made.push(datasource.uid);
      return datasource;
    });
    for (const uid of made) {
      await request.delete(`/api/datasources/uid/${uid}`);
    }
  },

  mesh: async ({ makeSource }, use) => use(await makeSource({})),

  makeDashboard: async ({ request, mesh }, use) => {
    const made: string[] = [];
    await use(async (query, { type = 'nodeGraph', variables = [], annotations = [], source = mesh } = {}) => {
      const datasource = { type: pluginId, uid: source.uid };
      const uid = randomUUID();
      const panel = {
        id: 1,
        title: 'Mesh',
        type,
        gridPos: { x: 0, y: 0, w: 24, h: 24 },
        datasource,
        targets: [{ refId: 'A', datasource, ...query }],
      };
      const answer = await request.post('/api/dashboards/db', {
        data: {
          dashboard: {
            uid,
            title: uid,
            time: { from: 'now-10m', to: 'now' },
            timezone: 'utc',
            templating: { list: variables },
            annotations: { list: annotations },
            panels: [panel],
          },
        },
      });
      await expect(answer).toBeOK();
      made.push(uid);
      return `/d/${uid}`;
    });
    for (const uid of made) {
      await request.delete(`/api/dashboards/uid/${uid}`);
    }
  },

  setFault: async ({ request }, use, testInfo) => {
    testInfo.skip(!store.demo, 'there is no DEMO_URL, where faults of the mesh in STORE_URL are set');
    const faults = `${store.demo}/faults`;
    const set: string[] = [];
    await use(async (fault) => {
      set.push(fault);
      await expect(await request.post(faults, { form: { fault } })).toBeOK();
      return Date.now();
    });
    for (const fault of set) {
      await request.delete(faults, { params: { fault: fault.replace(/=.*/, '') } });
    }
  },

  guardedStore: async ({}, use) => {
    const guard = await listen(createServer(guarded));
    await use(`http://127.0.0.1:${(guard.address() as AddressInfo).port}`);
    guard.close();
  },

  emptyStore: async ({}, use, testInfo) => {
    testInfo.skip(noPrometheus !== undefined, noPrometheus);
    const url = 'http://127.0.0.1:39091';
    const end = await runPrometheus(url);
    await use(url);
    await end();
  },

  outside: async ({}, use) => {
    const calls: URL[] = [];
    const server = await listen(
      createServer((incoming, outgoing) => {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        calls.push(new URL(incoming.url ?? '/', url));
        const json = incoming.headers.accept?.includes('text/html') ? undefined : '{"data": []}';
        outgoing.writeHead(200, { 'Content-Type': json ? 'application/json' : 'text/html' }).end(json ?? 'a page');
      })
    );
    await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls });
    server.closeAllConnections();
    server.close();
  },

  importDashboard: async ({ request }, use) => {
    const made: string[] = [];
    await use(async (name) => {
      const file = join(__dirname, '..', '..', 'dashboards', `${name}.json`);
      const uid = randomUUID();
      const dashboard = { ...JSON.parse(readFileSync(file, 'utf8')), uid, title: uid };
      await expect(await request.post('/api/dashboards/db', { data: { dashboard } })).toBeOK();
      made.push(uid);
      return uid;
    });
    for (const uid of made) {
      await request.delete(`/api/dashboards/uid/${uid}`);
    }
  },
});

const wanted = `Basic ${Buffer.from('mesh:s3cret').toString('base64')}`;

/** Passes a request on to the store if it has the password. */
function guarded(incoming: IncomingMessage, outgoing: ServerResponse) {
  const { authorization, ...headers } = incoming.headers;
  if (authorization !== wanted) {
    outgoing.writeHead(401).end('no');
    return;
  }
  const target = new URL(store.url);
  const path = target.pathname.replace(/\/$/, '') + incoming.url;
  const passed = ask(
    {
      host: target.hostname,
      port: target.port,
      path,
      method: incoming.method,
      headers: { ...headers, host: target.host },
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    }
  );
  passed.on('error', () => outgoing.writeHead(502).end());
  incoming.pipe(passed);
}

function listen(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** The nodes that are drawn, in a part of the page or in all of it. */
export const nodes = (within: Page | Locator) => within.locator('[data-node-id]');

/** A drawn node by the name under it. */
export const node = (within: Page | Locator, name: string) => nodes(within).filter({ hasText: name });

/** Begins a dashboard with a panel of a data source and a visualization, by clicking. */
export async function newPanel(page: Page, source: DataSourceSettings, visualization: string) {
  await page.goto('/dashboard/new');
  await page.getByRole('button', { name: /add visualization/i }).click();
  await page.getByTestId('data-source-card').filter({ hasText: source.name }).click();
  await expect(page.getByRole('radio', { name: 'Workload' })).toBeChecked();
  await page.getByTestId(`data-testid Plugin visualization item ${visualization}`).click();
}

/** Chooses one of the radio buttons of the editor; what is clicked is the label before the button. */
export const choose = (page: Page, group: string, name: string) =>
  page
    .getByRole('radiogroup', { name: group, exact: true })
    .getByRole('radio', { name, exact: true })
    .check({ force: true });
