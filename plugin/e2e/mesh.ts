import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test as base, type DataSourceSettings } from '@grafana/plugin-e2e';
import type { Locator, Page } from '@playwright/test';

import { store } from './store';

export { expect };

const pluginId = 'meshscope-topology-datasource';

interface Fixtures {
  /** Makes a data source of the demo's mesh, with settings of ours. */
  makeSource: (jsonData: object) => Promise<DataSourceSettings>;
  /** A data source of the demo's mesh as it is without settings. */
  mesh: DataSourceSettings;
  /** Makes a dashboard with a node graph panel "Mesh" for a query, and gives its path. */
  makeDashboard: (query: object, more?: { variables?: object[]; source?: DataSourceSettings }) => Promise<string>;
  /** The URL of the store behind a proxy that wants the password "s3cret" of the user "mesh". */
  guardedStore: string;
  /** The URL of a Prometheus that scrapes nothing. */
  emptyStore: string;
}

/** What tests have of Grafana beside the browser: made by its API, and removed after the test. */
export const test = base.extend<Fixtures>({
  makeSource: async ({ request }, use) => {
    const made: string[] = [];
    await use(async (jsonData) => {
      const name = `Mesh ${randomUUID()}`;
      const answer = await request.post('/api/datasources', {
        data: { name, type: pluginId, access: 'proxy', url: store.url, jsonData },
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
    await use(async (query, { variables = [], source = mesh } = {}) => {
      const datasource = { type: pluginId, uid: source.uid };
      const uid = randomUUID();
      const panel = {
        id: 1,
        title: 'Mesh',
        type: 'nodeGraph',
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
            templating: { list: variables },
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

  guardedStore: async ({}, use) => {
    const guard = await listen(createServer(guarded));
    await use(`http://127.0.0.1:${(guard.address() as AddressInfo).port}`);
    guard.close();
  },

  emptyStore: async ({ request }, use, testInfo) => {
    testInfo.skip(
      spawnSync('prometheus', ['--version']).error !== undefined,
      'there is no prometheus: .ci/programs --build'
    );
    const folder = mkdtempSync(join(tmpdir(), 'empty-store-'));
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, '{}');
    const url = 'http://127.0.0.1:39091';
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
    ];
    const prometheus = spawn('prometheus', flags, { stdio: 'ignore' });
    await expect(async () => expect(await request.get(`${url}/-/ready`)).toBeOK()).toPass({ timeout: 60_000 });
    await use(url);
    const ended = once(prometheus, 'exit');
    prometheus.kill();
    await ended;
    rmSync(folder, { recursive: true });
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
