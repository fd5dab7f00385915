import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';

import { store } from './e2e/store';

/** Debian's; without it, Playwright takes the browser that it has installed itself. */
const chromium = '/usr/bin/chromium';

export default defineConfig<PluginOptions>({
  testDir: './e2e',
  forbidOnly: Boolean(process.env.CI),
  workers: 1,
  // Each test loads all of Grafana anew, which takes long on a busy machine.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.GRAFANA_URL,
    viewport: { width: 1440, height: 1000 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // The demo runs while the tests do, unless there is a store to take.
  webServer: store.command
    ? {
        command: store.command,
        cwd: join(__dirname, '..'),
        url: store.ready,
        timeout: 300_000,
        gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
      }
    : undefined,
  projects: [
    { name: 'store', testMatch: /store\.setup\.ts/ },
    {
      name: 'chromium',
      use: { ...devices['Desktop Chrome'], viewport: { width: 1440, height: 1000 } },
      dependencies: ['store'],
    },
  ],
});
