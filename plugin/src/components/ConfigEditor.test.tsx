import type { DataSourceSettings } from '@grafana/data';
import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import type { MeshOptions, MeshSecrets } from '../types';
import { ConfigEditor } from './ConfigEditor';

beforeAll(() => setDataSourceSrv({ getList: () => [{ uid: 'prom', name: 'Prometheus' }] } as unknown as DataSourceSrv));

type Settings = DataSourceSettings<MeshOptions, MeshSecrets>;

const fresh = {
  url: '',
  basicAuth: false,
  basicAuthUser: '',
  readOnly: false,
  jsonData: {},
  secureJsonData: {},
  secureJsonFields: {},
} as Partial<Settings> as Settings;

/** Shows the settings page's part, and tells what would be saved. */
function configure(changed: Partial<Settings> = {}) {
  let saved: Settings = { ...fresh, ...changed };
  const Page = () => {
    const [options, setOptions] = useState(saved);
    return <ConfigEditor options={options} onOptionsChange={(changed) => setOptions((saved = changed))} />;
  };
  render(<Page />);
  return { user: userEvent.setup(), saved: () => saved };
}

const openRequests = (user: ReturnType<typeof userEvent.setup>) =>
  user.click(screen.getByRole('button', { name: 'Expand section Requests' }));

it('saves a URL and a password where Grafana keeps them', async () => {
  const { user, saved } = configure();
  await user.type(screen.getByLabelText('Data source connection URL'), 'http://mimir:8080/prometheus');
  await user.click(screen.getByLabelText('Authentication method'));
  await user.click(screen.getByText('Basic authentication'));
  await user.type(screen.getByLabelText(/^User/), 'mesh');
  await user.type(screen.getByLabelText(/^Password/), 's3cret');
  expect(saved()).toMatchObject({
    url: 'http://mimir:8080/prometheus',
    basicAuth: true,
    basicAuthUser: 'mesh',
    secureJsonData: { basicAuthPassword: 's3cret' },
  });
  expect(JSON.stringify(saved().jsonData)).not.toContain('s3cret');
});

it('shows defaults without saving them', async () => {
  const { user, saved } = configure();
  expect(screen.getByRole('radio', { name: /^Auto/ })).toBeChecked();
  expect(screen.getByLabelText(/Maximum range/)).toHaveAttribute('placeholder', '6h');
  await openRequests(user);
  expect(screen.getByRole('radio', { name: 'POST' })).toBeChecked();
  expect(screen.getByLabelText('Scrape interval')).toHaveAttribute('placeholder', '15s');
  expect(screen.getByLabelText('Maximum response size')).toHaveAttribute('placeholder', '512');
  expect(saved().jsonData).toEqual({});
});

it('saves where the series come from', async () => {
  const { user, saved } = configure({ jsonData: { rawMaxRange: '1d' } });
  const range = screen.getByLabelText(/Maximum range/);
  expect(range).toHaveValue('1d');
  await user.click(screen.getByRole('radio', { name: /^Raw/ }));
  await user.clear(range);
  expect(saved().jsonData).toEqual({ seriesSource: 'raw' });
  await user.type(range, '1d12h');
  expect(saved().jsonData).toEqual({ seriesSource: 'raw', rawMaxRange: '1d12h' });
  expect(screen.queryByText(/A duration such as/)).not.toBeInTheDocument();

  await user.click(screen.getByRole('radio', { name: /^Derived/ }));
  expect(saved().jsonData.seriesSource).toBe('derived');
  expect(screen.queryByLabelText(/Maximum range/)).not.toBeInTheDocument();
});

it.each(['six', '6', '0h', '6h3'])('does not let the range %s pass without a word', async (text) => {
  const { user } = configure();
  await user.type(screen.getByLabelText(/Maximum range/), text);
  expect(screen.getByText('A duration such as 6h or 90m')).toBeInTheDocument();
});

it('saves how often the store scrapes', async () => {
  const { user, saved } = configure();
  await openRequests(user);
  const interval = screen.getByLabelText('Scrape interval');
  await user.type(interval, '1');
  expect(screen.getByText('A duration such as 15s or 1m')).toBeInTheDocument();
  await user.type(interval, 'm');
  expect(screen.queryByText('A duration such as 15s or 1m')).not.toBeInTheDocument();
  expect(saved().jsonData).toEqual({ timeInterval: '1m' });
  await user.clear(interval);
  expect(JSON.parse(JSON.stringify(saved().jsonData))).toEqual({});
});

it('forwards who asks, if that is wanted', async () => {
  const { user, saved } = configure();
  await openRequests(user);
  await user.click(screen.getByLabelText("Forward Grafana's user token"));
  expect(saved().jsonData).toEqual({ forwardGrafanaId: true });
  await user.click(screen.getByLabelText("Forward Grafana's user token"));
  expect(JSON.parse(JSON.stringify(saved().jsonData))).toEqual({});
});

describe('authenticates in all of Grafana’s own ways', () => {
  it('with the identity of who is logged in', async () => {
    const { user, saved } = configure();
    await user.click(screen.getByLabelText('Authentication method'));
    expect(screen.getByText('Basic authentication')).toBeInTheDocument();
    await user.click(screen.getByText('Forward OAuth Identity'));
    expect(saved().jsonData).toMatchObject({ oauthPassThru: true });
  });

  it.each([
    ['Add self-signed certificate', 'tlsAuthWithCACert'],
    ['TLS Client Authentication', 'tlsAuth'],
    ['Skip TLS certificate validation', 'tlsSkipVerify'],
  ])('%s', async (label, setting) => {
    const { user, saved } = configure();
    await user.click(screen.getByLabelText(label));
    expect(saved().jsonData).toMatchObject({ [setting]: true });
  });

  it('with headers, whose values are secrets', async () => {
    const { user, saved } = configure();
    await user.click(screen.getByLabelText(/Expand section HTTP headers/));
    await user.click(screen.getByText(/Add (another )?header/));
    await user.type(screen.getByPlaceholderText('X-Custom-Header'), 'X-Org');
    await user.type(screen.getByPlaceholderText('Header value'), 'one');
    await user.tab();
    expect(saved()).toMatchObject({
      jsonData: { httpHeaderName1: 'X-Org' },
      secureJsonData: { httpHeaderValue1: 'one' },
    });
    expect(JSON.stringify(saved().jsonData)).not.toContain('one');
  });
});

it('saves how the store is asked, with numbers as numbers', async () => {
  const { user, saved } = configure();
  await openRequests(user);
  await user.click(screen.getByRole('radio', { name: 'GET' }));
  await user.type(screen.getByLabelText('Custom query parameters'), 'dedup=true');
  await user.type(screen.getByLabelText('Maximum response size'), '64');
  expect(saved().jsonData).toEqual({
    httpMethod: 'GET',
    customQueryParameters: 'dedup=true',
    maxResponseMegabytes: 64,
  });

  await user.clear(screen.getByLabelText('Custom query parameters'));
  await user.clear(screen.getByLabelText('Maximum response size'));
  expect(JSON.parse(JSON.stringify(saved().jsonData))).toEqual({ httpMethod: 'GET' });
});

describe('links', () => {
  const add = async (user: ReturnType<typeof userEvent.setup>, proposal: RegExp) => {
    await user.click(screen.getByLabelText('Add link'));
    await user.click(await screen.findByText(proposal));
  };

  it('begins with a proposal, and saves what it was changed to', async () => {
    const { user, saved } = configure();
    await add(user, /^Kiali$/);
    expect(saved().jsonData.links).toHaveLength(1);
    const url = screen.getByLabelText('URL');
    await user.clear(url);
    await user.click(url);
    await user.paste('https://kiali/${source.name}');
    await user.click(screen.getByRole('radio', { name: 'Edges' }));
    await user.clear(screen.getByLabelText('Kinds'));
    await user.type(screen.getByLabelText('Kinds'), 'app, service');
    await user.tab();
    expect(saved().jsonData.links).toEqual([
      { title: 'Kiali/Workload', on: 'edge', kinds: ['app', 'service'], url: 'https://kiali/${source.name}' },
    ]);
  });

  it('takes a query when it can be read, and says so when not', async () => {
    const { user, saved } = configure();
    await add(user, /^Logs in Loki$/);
    const query = screen.getByLabelText('Query');
    const before = saved().jsonData.links;
    await user.clear(query);
    await user.click(query);
    await user.paste('{"expr": ');
    expect(screen.getByText(/A query is a JSON object/)).toBeInTheDocument();
    expect(saved().jsonData.links).toEqual(before);
    await user.paste('"{app=\\"${app}\\"}"}');
    expect(screen.queryByText(/A query is a JSON object/)).not.toBeInTheDocument();
    await user.clear(screen.getByLabelText('Data source'));
    await user.type(screen.getByLabelText('Data source'), 'logs');
    expect(saved().jsonData.links?.[0]?.internal).toEqual({ datasourceUid: 'logs', query: { expr: '{app="${app}"}' } });
  });

  it('removes the one that was meant', async () => {
    const link = (title: string) => ({ title, on: 'node' as const, url: `/${title}` });
    const { user, saved } = configure({ jsonData: { links: [link('a'), link('b'), link('c')] } });
    await user.click(screen.getByRole('button', { name: 'Remove link 2' }));
    expect(saved().jsonData.links).toEqual([link('a'), link('c')]);
    expect(screen.getAllByLabelText('Title').map((field) => (field as HTMLInputElement).value)).toEqual(['a', 'c']);
    await user.click(screen.getByRole('button', { name: 'Remove link 1' }));
    await user.click(screen.getByRole('button', { name: 'Remove link 1' }));
    expect(JSON.parse(JSON.stringify(saved().jsonData))).toEqual({});
  });

  it('leads to PromQL in the data source that is chosen', async () => {
    const { user, saved } = configure();
    await user.click(screen.getByLabelText(/^PromQL in Explore/));
    await user.click(await screen.findByText('Prometheus'));
    expect(saved().jsonData).toEqual({ prometheusUid: 'prom' });
  });

  it('is not for hands where provisioned', () => {
    configure({ readOnly: true, jsonData: { links: [{ title: 'a', on: 'node', url: '/a' }] } });
    expect(screen.getByLabelText('Title')).toBeDisabled();
    expect(screen.getByLabelText('URL')).toBeDisabled();
    expect(screen.queryByRole('button', { name: /link/ })).not.toBeInTheDocument();
    expect(screen.queryByLabelText('Add link')).not.toBeInTheDocument();
  });
});

it('lets nobody change what is provisioned', async () => {
  configure({ url: 'http://prometheus:9090', readOnly: true });
  for (const radio of screen.getAllByRole('radio')) {
    expect(radio).toBeDisabled();
  }
  expect(screen.getByLabelText(/Maximum range/)).toBeDisabled();
  expect(screen.getByLabelText('Data source connection URL')).toBeDisabled();
});
