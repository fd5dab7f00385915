import { expect } from '@grafana/plugin-e2e';
import type { Page } from '@playwright/test';

export interface Range {
  from: number;
  to: number;
}

/** What a pane of Explore asks for, as the URL has it. */
export interface Pane {
  datasource: string;
  queries: Array<Record<string, unknown>>;
  range: { from: string; to: string };
}

/** Waits for Explore, and gives the pane on the right, or the only one. */
export async function lastPane(page: Page, count = 1): Promise<Pane> {
  await expect.poll(() => panesOf(page.url()).length, { message: page.url() }).toBe(count);
  return panesOf(page.url())[count - 1];
}

function panesOf(url: string): Pane[] {
  const panes = new URL(url).searchParams.get('panes');
  return url.includes('/explore?') && panes ? Object.values(JSON.parse(panes)) : [];
}

/** Waits until a data source is asked, and gives what. */
export async function asked(page: Page, uid: string, ask: () => Promise<unknown>) {
  const [request] = await Promise.all([
    page.waitForRequest(
      (r) => r.url().includes('/api/ds/query') && r.postDataJSON().queries[0].datasource.uid === uid,
      { timeout: 45_000 }
    ),
    ask(),
  ]);
  const { queries, from, to } = request.postDataJSON();
  return { query: queries[0] as Record<string, unknown>, range: { from: Number(from), to: Number(to) } as Range };
}
